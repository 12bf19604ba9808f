import { expect, test } from 'vitest';
import { versionOf } from '../../../../shared/model/upload-id.ts';

test.each([
  ['a version of its own', 'v1', 'v1'],
  ['no version, as the event has it', undefined, 'etag'],
  ['the version null, as a listing has it', 'null', 'etag'],
])('an upload with %s is told from others', (_name, versionId, id) => {
  expect(versionOf({ versionId, etag: 'etag' })).toBe(id);
});
