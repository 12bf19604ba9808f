import type { Container } from '../model/container.ts';
import { bsdtarOpener } from './bsdtar-opener.ts';
import { mimeOpener } from './mime/mime-opener.ts';
import type { Opener } from './opener.ts';
import { qpdfOpener } from './qpdf-opener.ts';
import { sevenZipOpener } from './sevenzip-opener.ts';

/** Who opens what. docs/verdicts.md has the table. */
export function openers(): Opener {
  const [pdf, mail, others, archives] = [
    qpdfOpener(),
    mimeOpener(),
    bsdtarOpener(),
    sevenZipOpener(),
  ];
  const special: Partial<Record<Container, Opener>> = {
    pdf,
    mail,
    rar: others,
    lz4: others,
    lzip: others,
  };
  return {
    open: async (path, container, ...rest) =>
      await (special[container] ?? archives).open(path, container, ...rest),
  };
}
