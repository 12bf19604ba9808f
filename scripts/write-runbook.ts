// Runs the runbook's scenarios and writes their transcripts into it: `npm run docs:runbook`, as root.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runbookTranscripts } from './runbook-transcripts.ts';

const RUNBOOK = fileURLToPath(new URL('../docs/runbook.md', import.meta.url));
const TRANSCRIPTS = /(<!-- transcripts[^>]*-->\n).*(<!-- end of transcripts -->)/s;

const text = await readFile(RUNBOOK, 'utf8');
const transcripts = await runbookTranscripts();
await writeFile(
  RUNBOOK,
  text.replace(
    TRANSCRIPTS,
    (_all, begin: string, end: string) => `${begin}\n${transcripts}\n${end}`,
  ),
);
