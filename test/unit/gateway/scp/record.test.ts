import fc from '../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { parseRecord } from '../../../../gateway/scp/record.ts';

test('any bytes are parsed as a record or invalid, and a name is a single path segment', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.string().map((name) => Buffer.from(`C0644 12 ${name}`)),
        fc
          .constantFrom('..', '.', '', '/', 'a/b', '../a', '\0')
          .map((name) => Buffer.from(`D0755 0 ${name}`)),
      ),
      (line) => {
        const record = parseRecord(line);
        if (record.kind !== 'file' && record.kind !== 'folder') return;
        expect(record.name).toMatch(/^[^/\p{Cc}]+$/u);
        expect(['.', '..']).not.toContain(record.name);
      },
    ),
    { numRuns: 2_000 },
  );
});
