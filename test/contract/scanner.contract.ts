import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { EICAR } from '../support/eicar.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The contract of every Scanner. `open` may return the same engine each time. */
export function scannerContract(name: string, open: () => Promise<Scanner>): void {
  const timeout = (): AbortSignal => AbortSignal.timeout(10_000);

  async function scanning(content: Buffer) {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'file');
    await writeFile(path, content);
    const scanner = await open();
    return await scanner.scan(path, timeout());
  }

  describe(`${name} fulfils the Scanner contract`, () => {
    test('it finds EICAR and names the signature', async () => {
      expect(await scanning(EICAR)).toEqual({
        kind: 'found',
        signature: expect.stringMatching(/eicar/i),
      });
    });

    test.each([0, 1, 100_000, 5_000_000])('%d harmless bytes are ok', async (size) => {
      expect(await scanning(randomBytes(size))).toEqual({ kind: 'ok' });
    });

    test('a file it cannot read is an error', async () => {
      const scanner = await open();
      const failing = scanner.scan('/nonexistent/file', timeout());
      await expect(failing).rejects.toMatchObject({ code: 'SCANNER_UNAVAILABLE' });
      await expect(failing).rejects.not.toThrow('/nonexistent');
    });

    test('a signal that has fired ends the scan without a verdict', async () => {
      const scanner = await open();
      await expect(scanner.scan('/etc/hostname', AbortSignal.abort())).rejects.toMatchObject({
        code: 'DEADLINE_NEAR',
      });
    });

    test('many scans at once each get their own answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          scanning(index % 4 === 0 ? EICAR : Buffer.from(`harmless ${index}`)),
        ),
      );
      expect(answers.map(({ kind }) => kind === 'found')).toEqual(
        answers.map((_, index) => index % 4 === 0),
      );
    });

    test('it names the engine', async () => {
      const scanner = await open();
      expect(await scanner.version(timeout())).toMatch(/^ClamAV \d/);
    });
  });
}
