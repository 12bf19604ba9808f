import { expect, test } from 'vitest';
import { encodeCopySource } from '../../../../shared/s3/copy-source.ts';

const encode = (key: string, versionId?: string) =>
  encodeCopySource({ bucket: 'inbox', key, versionId });

test('key and version are encoded, the slashes of the key are not', () => {
  expect(encode('acme/ä 1?.csv')).toBe('inbox/acme/%C3%A4%201%3F.csv');
  expect(encode('a+b', 'x/y+z&')).toBe('inbox/a%2Bb?versionId=x%2Fy%2Bz%26');
  expect(encode('a?versionId=1')).toBe('inbox/a%3FversionId%3D1');
  expect(encode('a', 'null')).toBe('inbox/a?versionId=null');
});
