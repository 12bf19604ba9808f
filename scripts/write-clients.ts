/** Writes docs/clients.md from the table of test/clients, which the tests run through. */
import { writeFile } from 'node:fs/promises';
import { clientsPage } from '../test/clients/page.ts';

await writeFile(new URL('../docs/clients.md', import.meta.url), clientsPage());
