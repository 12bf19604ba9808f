import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EICAR_BY_HASH } from '../support/signature-database.ts';
import { startRefreshing } from '../functions/refresh-signatures/refreshing.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { build, hasRuntimeClient, startContainer } from './container.ts';
import { startRuntimeApi } from './runtime-api.ts';

test.skipIf(!(await hasRuntimeClient()))(
  'the image that refreshes signatures runs its handler, and no engine',
  async () => {
    await using place = await temporaryDirectory();
    await using world = await startRefreshing(['eicar.hdb']);
    world.mirror.put('eicar.hdb', EICAR_BY_HASH);
    await using api = await startRuntimeApi();
    const task = join(place.path, 'task');
    await build(task);
    await using container = await startContainer(
      task,
      place.path,
      'functions/refresh-signatures/handler.handler',
      {
        ...world.environment,
        TMPDIR: place.path,
        AWS_LAMBDA_RUNTIME_API: api.address,
      },
    );
    expect(await api.invoke({}, 30_000)).toMatchObject({ result: 'published' });
    expect(await world.current()).toBeDefined();
    expect(await api.invoke({}, 30_000)).toEqual({ result: 'unchanged' });
    expect(await container.pidOf('engine.mjs')).toBeNaN();
  },
);
