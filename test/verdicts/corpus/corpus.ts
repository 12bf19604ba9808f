import { HARMLESS } from './harmless.ts';
import { HOSTILE_OTHERS } from './hostile-others.ts';
import { HOSTILE_ZIPS } from './hostile-zips.ts';
import { INFECTED } from './infected.ts';
import { DISKS } from './disks.ts';
import { LOOKALIKES } from './lookalikes.ts';
import { MAILS } from './mails.ts';
import { DOCUMENTS } from './documents.ts';
import { MESSAGES } from './messages.ts';
import type { Sample } from './sample.ts';

type Chapter = { readonly title: string; readonly samples: readonly Sample[] };

/** All files that the verdicts are tested with, in the order of docs/verdicts.md. */
export const CORPUS: readonly Chapter[] = [
  { title: 'Harmless files', samples: HARMLESS },
  { title: 'Harmless files that look like something else', samples: LOOKALIKES },
  { title: 'EICAR where the engine finds it', samples: INFECTED },
  { title: 'Zips that the engine does not read, or not alike', samples: HOSTILE_ZIPS },
  { title: 'Other files that the engine does not read, or not alike', samples: HOSTILE_OTHERS },
  { title: 'Mails', samples: MAILS },
  { title: 'PDF documents', samples: DOCUMENTS },
  { title: 'Disk images', samples: DISKS },
  { title: 'Messages that need a key', samples: MESSAGES },
];
