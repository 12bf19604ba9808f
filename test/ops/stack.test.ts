import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, runOps, startInstallation } from '../support/installation.ts';

/**
 * CloudFormation and Lambda as far as the CLI calls them, with AWS's own wire formats, over the
 * buckets of a local installation. Two resources to a page, so that there are several.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
 */
function awsOf(resources: readonly (readonly [string, string])[], environment: object): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.startsWith('/2015-03-31/functions/')) {
      response.end(JSON.stringify({ Environment: { Variables: environment } }));
      return;
    }
    const body = new URLSearchParams(await text(request));
    if (body.get('Action') !== 'ListStackResources' || body.get('StackName') !== 'airlock') {
      response.statusCode = 400;
      const [code, message] = [
        'ValidationError',
        `Stack with id ${body.get('StackName')} does not exist`,
      ];
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
      return;
    }
    const from = Number(body.get('NextToken') ?? 0);
    const members = resources
      .slice(from, from + 2)
      .map(
        ([logical, physical]) =>
          `<member><LogicalResourceId>${logical}</LogicalResourceId><PhysicalResourceId>${physical}</PhysicalResourceId></member>`,
      );
    const next = from + 2 < resources.length ? `<NextToken>${from + 2}</NextToken>` : '';
    response.end(
      `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members.join('')}</StackResourceSummaries>${next}</ListStackResourcesResult></ListStackResourcesResponse>`,
    );
  };
  return createServer((request, response) => void answer(request, response));
}

let airlock: Installation;
let aws: Server;
let environment: Record<string, string>;

beforeAll(async () => {
  airlock = await startInstallation();
  aws = awsOf(
    [
      ['InboxBucket', airlock.inboxBucket],
      ['IngestFunction', 'airlock-ingest'],
      ['IdentityProviderFunction', 'airlock-identity-provider'],
      ['NoticesTopic', 'arn:aws:sns:eu-central-1:123456789012:notices'],
      ['ConfigBucket', airlock.configBucket],
    ],
    {
      INBOX_BUCKET: airlock.inboxBucket,
      TRANSFER_ROLE_ARN: 'arn:aws-cn:iam::123456789012:role/user',
      KMS_KEY_ARN: '',
      TEMPORARY_SUFFIXES: '.unfinished',
    },
  );
  aws.listen(0, '127.0.0.1');
  await once(aws, 'listening');
  const address = aws.address();
  const { endpoints } = JSON.parse(await readFile(join(airlock.home, 'runtime.json'), 'utf8'));
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  environment = {
    AWS_REGION: 'cn-north-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    AWS_ENDPOINT_URL_S3: airlock.s3Endpoint,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
});
afterAll(async () => {
  aws.closeAllConnections();
  aws.close();
  await airlock[Symbol.asyncDispose]();
});

const ops = (...words: string[]) => runOps('', ['--stack', ...words], '', environment);

test('a stack is found by its name, and partners are added with the settings of its functions', async () => {
  expect(await ops('airlock', 'partner', 'add', 'acme')).toMatchObject({ code: 0 });
  expect(airlock.acts).toMatchObject([
    { command: 'partner add', subjects: [{ kind: 'partner', partner: 'acme' }] },
  ]);
  expect((await airlock.ops(['partner', 'list'])).stdout).toMatch(/^acme .*password/m);
  const check = async (put: string) => {
    const { stdout } = await ops('airlock', 'partner', 'check', 'acme', '--json', '--put', put);
    return JSON.parse(stdout);
  };
  expect(await check('/a.csv')).toMatchObject({ ok: true });
  expect(await check('/a.unfinished')).toMatchObject({
    ok: false,
    steps: expect.arrayContaining([
      { step: 'admission', ok: false, words: expect.stringContaining('".unfinished" marks') },
    ]),
  });
});

test('a stack that does not exist is reported with what to do', async () => {
  const { code, stderr } = await ops('unknown', 'partner', 'list');
  expect(code).toBe(1);
  expect(stderr).toContain('the stack unknown could not be read');
  expect(stderr).toContain('Stack with id unknown does not exist');
  expect(stderr).toContain('how: check the name, AWS_REGION and the credentials');
});
