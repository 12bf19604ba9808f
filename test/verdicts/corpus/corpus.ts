import { HARMLESS } from './harmless.ts';
import { HOSTILE_OTHERS } from './hostile-others.ts';
import { HOSTILE_ZIPS } from './hostile-zips.ts';
import { INFECTED } from './infected.ts';
import type { Sample } from './sample.ts';

type Chapter = { readonly title: string; readonly samples: readonly Sample[] };

/** Everything the verdicts are tested with, in the order of the page. */
export const CORPUS: readonly Chapter[] = [
  { title: 'Harmless files', samples: HARMLESS },
  { title: 'EICAR where the engine reads', samples: INFECTED },
  { title: 'Zips that cannot be looked at as a whole', samples: HOSTILE_ZIPS },
  { title: 'Other files that cannot be looked at as a whole', samples: HOSTILE_OTHERS },
];
