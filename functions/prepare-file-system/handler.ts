import { chmod, mkdir } from 'node:fs/promises';
import * as v from 'valibot';
import { answerCloudFormation } from '../../shared/platform/custom-resource.ts';
import { errorCode } from '../../shared/platform/errors.ts';
import { Properties } from './config.ts';

/** Called by CloudFormation through Lambda, while the stack is deployed. May be repeated. */
export async function handler(event: unknown): Promise<void> {
  await answerCloudFormation(event, async (properties) => {
    const { LandingRoot, IncomingRoot } = v.parse(Properties, properties);
    await makeRoot(LandingRoot, 0o755);
    await makeRoot(IncomingRoot, 0o700);
    return { physicalId: 'file-system-roots' };
  });
}

/** Not recursive: this must fail if the mount is missing. `chmod` because the umask applies to `mkdir`. */
async function makeRoot(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  await chmod(path, mode);
}
