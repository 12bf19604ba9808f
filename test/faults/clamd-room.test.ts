import { createWriteStream } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { chooseSignatures } from '../../local/clamd/signatures.ts';
import { startEngine } from '../../shared/engine/clamd-engine.ts';
import { clamdScanner } from '../../shared/scan/clamd/clamd-scanner.ts';
import { EICAR } from '../support/eicar.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';
import { mail, pdf } from '../verdicts/corpus/other-containers.ts';

const CHUNK = Buffer.alloc(1_000_000);

test.runIf(mayMount())(
  'a clamd without room to unpack is killed before it calls an attachment clean that it could not look at',
  async () => {
    await using place = await temporaryDirectory();
    const directory = join(place.path, 'small');
    using _small = await mountMemory(directory, 700);
    const restarts: string[] = [];
    await using engine = await startEngine({
      directory,
      socket: join(place.path, 'clamd.sock'),
      logFile: join(place.path, 'clamd.log'),
      signatures: (await chooseSignatures('test')).directory,
      maxScanTimeMs: 60_000,
      abandonedAfterMs: 60_000,
      onRestart: (why) => restarts.push(why),
    });
    const scanner = clamdScanner(engine.socket);
    const before = engine.pid;

    const replies = new Set<string>();
    let scans = 0;
    /** Never the same bytes twice: clamd remembers what it has found clean. */
    async function scanOne(): Promise<void> {
      scans += 1;
      const eicar = Buffer.from(EICAR);
      const content = scans % 2 ? pdf(eicar) : mail(eicar);
      const path = join(place.path, `infected-${scans % 2}`);
      await writeFile(path, Buffer.concat([content, Buffer.from(`\n%${scans}\n`)]));
      const reply = await scanner
        .scan(path, AbortSignal.timeout(5_000))
        .then(({ kind }) => kind)
        .catch(({ code }: { code: string }) => code);
      replies.add(reply);
    }
    await scanOne();
    await scanOne();
    expect([...replies]).toEqual(['found']);

    const filler = join(directory, 'filler');
    const filled = pipeline(endless(), createWriteStream(filler)).catch(() => {});
    const full = new AbortController();
    void filled.then(() => full.abort());
    while (!full.signal.aborted) await scanOne();
    for (let more = 0; more < 20; more += 1) await scanOne();
    expect((await stat(filler)).size).toBeGreaterThan(650_000_000);
    expect(replies).not.toContain('ok');
    expect(replies).toContain('SCANNER_UNAVAILABLE');
    expect(restarts.join()).toContain(`it was left without room in ${directory}, and was killed`);
    await until(
      () => readdir(directory),
      (names) => !names.includes('tmp'),
    );

    await rm(filler);
    await until(
      () => engine.pid,
      (pid) => pid !== before,
    );
    await until(
      () => scanner.version(AbortSignal.timeout(1_000)).catch(() => ''),
      (version) => version !== '',
    );
    replies.clear();
    await scanOne();
    expect([...replies]).toEqual(['found']);
  },
);

/** Bytes until the file system is full. */
function endless(): Readable {
  return Readable.from(
    (function* chunks() {
      for (;;) yield CHUNK;
    })(),
  );
}
