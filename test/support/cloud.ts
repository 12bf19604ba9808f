import { fileURLToPath } from 'node:url';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readTemplate } from '../../local/stack/template.ts';

const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

/** The stand-ins with the template's resources, without functions and clamd. */
export async function openCloud(home: string, warn = (_what: string): void => {}): Promise<Cloud> {
  const parameters = { FileSystemRoot: home, ClamdSocket: `${home}/clamd.sock` };
  return await startCloud({ home, template: await readTemplate(TEMPLATE), parameters, warn });
}
