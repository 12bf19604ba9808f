import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { ActionContext } from './actions.ts';
import { EventBus, type EventBusOptions } from './event-bus.ts';
import { refuseBrowsers } from '../browser-guard.ts';
import { onPort } from '../../shared/platform/listening-port.ts';
import { handleRequest } from './protocol.ts';

export type EventBridgeOptions = EventBusOptions & {
  /** On 127.0.0.1; any free port if omitted or 0. */
  readonly port?: number;
};

export interface EventBridgeStandIn extends AsyncDisposable {
  /** For `new EventBridgeClient({ endpoint })`. */
  readonly endpoint: string;
  /** The same bus, in process; unlike PutEvents it accepts events from `aws.*`. */
  readonly bus: EventBus;
}

/**
 * Starts a stand-in for EventBridge's default bus on 127.0.0.1. It keeps everything in memory and
 * accepts any credentials. Disposing waits up to a second for pending deliveries, reports the rest as
 * dropped, and closes every connection.
 */
export async function startEventBridge(options: EventBridgeOptions): Promise<EventBridgeStandIn> {
  const { region, accountId, port = 0 } = options;
  const bus = new EventBus(options);
  const context: ActionContext = {
    bus,
    region,
    accountId,
    now: () => new Date(),
    onUnknownBus(busName, event) {
      const error = new Error(`event bus ${busName} does not exist`);
      options.onDropped?.({ rule: '', targetArn: busName, event, error });
    },
  };
  const server = createServer((request, response) => {
    if (!refuseBrowsers(request, response)) void handleRequest(request, response, context);
  });
  await onPort(port, 'AIRLOCK_EVENTBRIDGE_PORT', async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  });
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    bus,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await bus[Symbol.asyncDispose]();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the event bus is not listening on a port');
}
