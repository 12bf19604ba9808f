import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FunctionPool } from '../../local/lambda/function-pool.ts';
import { describeStack, withLogicalId } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The function as the template deploys it, but for where its partners are. */
export async function startIdentityProvider(
  s3Endpoint: string,
  configBucket: string,
  onOutput: (output: Readable) => void,
): Promise<FunctionPool> {
  const stack = describeStack(await readTemplate(`${ROOT}template.yaml`), {
    region: 'eu-central-1',
    accountId: '123456789012',
    stackName: 'airlock',
    sqsEndpoint: 'https://sqs.eu-central-1.amazonaws.com',
  });
  const spec = withLogicalId(stack.functions, 'IdentityProviderFunction');
  const environment = {
    PATH: process.env['PATH'] ?? '',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL_S3: s3Endpoint,
    ...spec.environment,
    CONFIG_BUCKET: configBucket,
    KMS_KEY_ARN: '',
  };
  const moduleUrl = pathToFileURL(join(ROOT, spec.source)).href;
  const { name, exportName, timeoutMs, memoryMb } = spec;
  return new FunctionPool(
    { name, moduleUrl, exportName, environment, timeoutMs, memoryMb, onOutput },
    { keepsWarm: true, maxCount: spec.maxConcurrency },
  );
}
