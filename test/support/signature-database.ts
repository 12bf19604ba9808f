import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ustar } from '../../shared/signatures/sample-archives.ts';

/** EICAR by its hash, which finds it wherever it is unpacked, too. */
export const EICAR_BY_HASH = '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-File\n';

/** A signature by content. */
export function byContent(name: string, content: string): string {
  return `${name}:0:*:${Buffer.from(content).toString('hex')}\n`;
}

/**
 * A ClamAV database container as its makers build them, but for the signature under it (`.cud`):
 * clamd tells its number and build time as it does of `daily.cvd`.
 */
export function container(
  part: string,
  number: number,
  builtAt: Date,
  lists: Readonly<Record<string, string>>,
): Buffer {
  const members = Object.entries({ COPYING: 'none', ...lists }).map(([name, text]) => ({
    name,
    content: Buffer.from(text),
  }));
  const [day, month, year, time] = [
    String(builtAt.getUTCDate()).padStart(2, '0'),
    builtAt.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' }),
    builtAt.getUTCFullYear(),
    builtAt.toISOString().slice(11, 16).replace(':', '-'),
  ];
  const header = (md5: string): string =>
    `ClamAV-VDB:${day} ${month} ${year} ${time} +0000:${number}:1:90:${md5}:x:airlock:${Math.floor(builtAt.getTime() / 1000)}`;
  const info = members.map(
    ({ name, content }) =>
      `${name}:${content.length}:${createHash('sha256').update(content).digest('hex')}\n`,
  );
  const withInfo = [
    ...members.slice(0, 1),
    { name: `${part}.info`, content: Buffer.from(`${header('X')}\n${info.join('')}`) },
    ...members.slice(1),
  ];
  const body = gzipSync(ustar(withInfo));
  const md5 = createHash('md5').update(body).digest('hex');
  return Buffer.concat([Buffer.from(header(md5).padEnd(512)), body]);
}
