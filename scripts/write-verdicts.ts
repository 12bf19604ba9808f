// Writes docs/verdicts.md from the corpus that the verdicts are tested with: `npm run docs:verdicts`.

import { writeFile } from 'node:fs/promises';
import { verdictsPage, VERDICTS_PAGE } from '../test/verdicts/corpus/page.ts';

await writeFile(VERDICTS_PAGE, verdictsPage());
