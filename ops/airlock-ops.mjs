#!/usr/bin/env node
// Starts the operator's commands, wherever it is called from: `npm link` puts it on the PATH as airlock-ops.
// Node runs TypeScript as it is from version 24 on; with an older one, the project's own Node is taken.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main);
} else if (existsSync(ownNode)) {
  const { status, signal } = spawnSync(ownNode, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 143);
} else {
  console.error('ops: Airlock is not set up\nhow: run `npm run ops` once in its directory');
  process.exitCode = 1;
}
