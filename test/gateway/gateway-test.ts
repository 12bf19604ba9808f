import { test as base } from 'vitest';
import type { SshServerOptions } from '../../gateway/ssh/server.ts';
import { openGateway } from './open-gateway.ts';

const DEFAULTS: Partial<SshServerOptions> = {};

type OnCleanup = (end: () => Promise<void>) => void;

async function disposedBy<T extends AsyncDisposable>(onCleanup: OnCleanup, opened: Promise<T>) {
  const resource = await opened;
  onCleanup(async () => resource[Symbol.asyncDispose]());
  return resource;
}

/** Each test has a gateway of its own, and a connection of the demo partner to it. */
export const test = base
  .extend('options', DEFAULTS)
  .extend('gateway', ({ options }, { onCleanup }) => disposedBy(onCleanup, openGateway(options)))
  .extend('partner', ({ gateway }, { onCleanup }) => disposedBy(onCleanup, gateway.connect()));

/** All tests of a file share one gateway; each has a connection of the demo partner to it. */
export const sharedGatewayTest = base
  .extend('options', { scope: 'file' }, DEFAULTS)
  .extend('gateway', { scope: 'file' }, ({ options }, { onCleanup }) =>
    disposedBy(onCleanup, openGateway(options)),
  )
  .extend('partner', ({ gateway }, { onCleanup }) => disposedBy(onCleanup, gateway.connect()));
