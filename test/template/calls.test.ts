import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { deploy, listOf, ofType, ROOT, template } from '../support/template/deployment.ts';
import { statementsOf } from '../support/template/policies.ts';

/**
 * What IAM wants to have granted for a command of the SDK, where it is not the action of that name;
 * `@version` is what it wants besides when a version is named.
 */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject'],
  's3:HeadObject@version': ['s3:GetObjectVersion'],
  's3:GetObject@version': ['s3:GetObjectVersion'],
  's3:GetObjectTagging@version': ['s3:GetObjectVersionTagging'],
  's3:PutObjectTagging@version': ['s3:PutObjectVersionTagging'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:DeleteObject@version': ['s3:DeleteObjectVersion'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  // With the tags that go with the copy.
  's3:CopyObject': ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
  's3:CopyObject@version': ['s3:GetObjectVersion'],
  's3:CreateMultipartUpload': ['s3:PutObject', 's3:PutObjectTagging'],
  's3:UploadPart': ['s3:PutObject'],
  's3:UploadPartCopy': ['s3:GetObject', 's3:PutObject'],
  's3:UploadPartCopy@version': ['s3:GetObjectVersion'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  'sns:PublishBatch': ['sns:Publish'],
  'sqs:ChangeMessageVisibilityBatch': ['sqs:ChangeMessageVisibility'],
};

/** In a file that the function has, for somebody else's use. */
const NOT_CALLED: Readonly<Record<string, readonly string[]>> = {
  // The queue's other methods are the ingest's.
  ReconcileFunction: ['sqs:ChangeMessageVisibility'],
  // Only an operator redrives and removes.
  ReportDeadLettersFunction: ['sqs:SendMessage', 'sqs:DeleteMessage'],
};

/** Granted for what Lambda and S3 do on the function's behalf; the code calls none of it. */
const ON_BEHALF = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'ec2:DescribeSubnets',
  'elasticfilesystem:ClientMount',
  'elasticfilesystem:ClientWrite',
];
const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
/** S3 says 404 instead of 403 only to who may list. */
const TELLING_MISSING_FROM_FORBIDDEN = 's3:ListBucket';

const PREFIX: Readonly<Record<string, string>> = { eventbridge: 'events' };

/** Every command of the SDK that is constructed in the sources that a function's bundles are made of. */
async function commandsOf(entryPoints: readonly string[]): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...entryPoints],
    outdir: '.',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    write: false,
  });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    ),
  );
  const sources = await Promise.all(used.map((path) => readFile(join(ROOT, path), 'utf8')));
  return new Set(sources.flatMap(commandsIn));
}

function commandsIn(source: string): readonly string[] {
  const isVersioned = /\bVersionId: |\?versionId=/.test(source);
  const imports = source.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/client-(\w+)'/g);
  return [...imports].flatMap(([, names = '', client = '']) =>
    names
      .split(',')
      .map((name) => /^(?:paginate(\w+)|(\w+)Command)$/.exec(name.trim()))
      .flatMap((found) => found?.[1] ?? found?.[2] ?? [])
      .map((command) => `${PREFIX[client] ?? client}:${command}`)
      .flatMap((command) => (isVersioned ? [command, `${command}@version`] : [command])),
  );
}

const resources = deploy();
const functions = ofType(resources, 'AWS::Lambda::Function').map(({ id, properties }) => {
  const metadata = template.Resources[id]?.['Metadata'] as any;
  const [command] = properties.ImageConfig?.Command ?? [];
  const handler = metadata.BuildProperties?.EntryPoints[0] ?? `${command.split('.')[0]}.ts`;
  // The process beside the handler has the same role.
  const beside = id === 'IngestFunction' ? ['functions/ingest/engine.ts'] : [];
  const role = /^<(\w+)\.Arn>$/.exec(properties.Role)?.[1];
  const granted = statementsOf(resources)
    .filter(({ id: owner, to }) => owner === role && to === 'identity')
    .filter(({ statement }) => statement.Sid !== 'ReportFailedRuns')
    .flatMap(({ statement }) => listOf(statement.Action));
  return [id, { entries: [handler, ...beside], granted: new Set(granted) }] as const;
});

describe.each(functions)('%s', (id, { entries, granted }) => {
  test('is granted what its code calls, and nothing that it does not', async () => {
    const commands = await commandsOf(entries);
    const wanted = [...commands].flatMap(
      (command) => GRANTS[command] ?? (command.endsWith('@version') ? [] : [command]),
    );
    const needed = new Set(wanted.filter((action) => !NOT_CALLED[id]?.includes(action)));
    const spare = [
      ...ON_BEHALF,
      ...(id === 'IngestFunction' ? POLLING : []),
      ...(needed.has('s3:GetObject') ? [TELLING_MISSING_FROM_FORBIDDEN] : []),
    ];
    expect([...needed].filter((action) => !granted.has(action))).toEqual([]);
    expect([...granted].filter((action) => !needed.has(action) && !spare.includes(action))).toEqual(
      [],
    );
  });
});
