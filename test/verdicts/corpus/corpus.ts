import { HARMLESS } from './harmless.ts';
import { HOSTILE_OTHERS } from './hostile-others.ts';
import { HOSTILE_ZIPS } from './hostile-zips.ts';
import { INFECTED } from './infected.ts';
import type { Sample } from './sample.ts';

type Chapter = { readonly title: string; readonly samples: readonly Sample[] };

/** All files that the verdicts are tested with, in the order of docs/verdicts.md. */
export const CORPUS: readonly Chapter[] = [
  { title: 'Harmless files', samples: HARMLESS },
  { title: 'EICAR where the engine finds it', samples: INFECTED },
  { title: 'Zips that cannot be scanned completely', samples: HOSTILE_ZIPS },
  { title: 'Other files that cannot be scanned completely', samples: HOSTILE_OTHERS },
];
