import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect } from 'vitest';
import { sharedGatewayTest as test } from '../gateway/gateway-test.ts';
import type { Cell } from './client.ts';
import { CLIENTS } from './clients.ts';
import { type Operation, type OperationId, OPERATIONS } from './operations.ts';
import { clientsPage } from './page.ts';
import { createWorld, type World } from './world.ts';

const ALL = Object.entries(OPERATIONS) as [OperationId, Operation][];

describe.each(CLIENTS.map((client) => [client.name, client] as const))('%s', (name, client) => {
  let version: string | undefined;
  beforeAll(async () => {
    version = await client.version();
    if (version === undefined) {
      process.emitWarning(`${name} is not installed: its tests are SKIPPED`);
    }
  });

  const offered = ALL.filter(([id]) => client.cells[id].does !== 'lack');
  test.for(offered.map(([id, operation]) => [operation.title, id] as const))(
    '%s',
    async ([, id], { gateway, skip }) => {
      if (version === undefined) {
        skip();
        return;
      }
      const operation: Operation = OPERATIONS[id];
      const world = await createWorld(gateway, `${name.replaceAll(' ', '_')}/${id}`);
      await operation.prepare(world);
      await expectCell(client.cells[id], operation, world);
    },
  );
});

async function expectCell(cell: Cell, operation: Operation, world: World): Promise<void> {
  switch (cell.does) {
    case 'lack':
      return;
    case 'work':
      return operation.verify(world, await cell.do(world));
    case 'refuse':
      return assert.rejects(cell.do(world), cell.message);
    case 'ignore':
      await cell.do(world);
  }
}

test('docs/clients.md is up to date', async () => {
  const path = fileURLToPath(new URL('../../docs/clients.md', import.meta.url));
  expect(await readFile(path, 'utf8'), 'run `npm run docs:clients`').toBe(clientsPage());
});
