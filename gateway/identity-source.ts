import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { logIn } from '../shared/identity/login/log-in.ts';
import { parsePartnerText } from '../shared/identity/partner/parse-partner.ts';
import type { PartnerDirectory } from '../shared/identity/partner/partner-directory.ts';
import { USER_NAME } from '../shared/identity/partner/partner.ts';
import { PasswordMemory } from '../shared/identity/login/password-memory.ts';
import { isPassword } from '../shared/identity/partner/password.ts';
import { s3PartnerDirectory } from '../shared/identity/partner/s3-partner-directory.ts';
import { errorCode } from '../shared/platform/errors.ts';
import type { Log } from '../shared/platform/log.ts';
import type { Identify } from './ssh/authenticate.ts';

/** The same values as in functions/identity-provider. */
const FRESH_FOR_MS = 15_000;
const PASSWORD_REMEMBERED_FOR_MS = 600_000;

/** In AWS the role of a session. Here the session policy restricts the credentials of the server itself. */
const ROLE = 'arn:aws:iam::000000000000:role/airlock-gateway';

/** Decides logins in this process, by the same rules as functions/identity-provider. */
export function identifyFromDirectory(
  directory: PartnerDirectory,
  inboxBucket: string,
  log: Log,
): Identify {
  const ports = {
    directory,
    checkPassword: isPassword,
    memory: new PasswordMemory({ forMs: PASSWORD_REMEMBERED_FOR_MS }),
    // The gateway counts them itself, see ssh/limits.
    guesses: undefined,
    settings: { roleArn: ROLE, inboxBucket, partition: 'aws', kmsKeyArn: undefined },
    log,
    now: Date.now,
  };
  return (request) => logIn(request, ports);
}

/** Partner documents in a folder, read at each login. */
export function folderDirectory(folder: string): PartnerDirectory {
  return {
    async find(name) {
      if (!USER_NAME.test(name)) return { kind: 'nobody' };
      const text = await readFile(join(folder, `${name}.json`), 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) return { kind: 'nobody' };
      const parsed = parsePartnerText(text);
      if ('problems' in parsed) return { kind: 'invalid', problems: parsed.problems };
      if (parsed.partner.name === name) return { kind: 'partner', partner: parsed.partner };
      const problem = `must be "${name}", as the file's own name is`;
      return { kind: 'invalid', problems: [{ path: 'name', problem }] };
    },
  };
}

export function bucketDirectory(storage: S3ClientConfig, bucket: string): PartnerDirectory {
  return s3PartnerDirectory(new S3Client(storage), bucket, { freshForMs: FRESH_FOR_MS });
}

/** Invokes a Lambda function. @throws Error when it fails; the login is refused then */
export function identifyWithFunction(functionName: string, region: string | undefined): Identify {
  const lambda = new LambdaClient(region === undefined ? {} : { region });
  return async (request) => {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        Payload: Buffer.from(JSON.stringify(request)),
      }),
    );
    if (FunctionError !== undefined)
      throw new Error(`the identity provider failed: ${FunctionError}`);
    const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
    return answer;
  };
}
