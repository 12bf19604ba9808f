import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { guardedStore } from '../../../../gateway/storage/guarded-store.ts';
import type { Access } from '../../../../shared/identity/session/session-permits.ts';

const AT = { Bucket: 'inbox', Key: 'acme/ä file' };
const ARN = 'arn:aws:s3:::inbox/acme/ä file';
const CopySource = 'other/acme/%C3%A4%20%3F?versionId=1';
const COPIED = { action: 's3:GetObject', resource: 'arn:aws:s3:::other/acme/ä ?' };

/** A guarded store in front of an S3 that accepts everything. */
function storeThat(permits: (access: Access) => boolean) {
  const asked: Access[] = [];
  const sent: object[] = [];
  const client = Object.assign(new S3Client({ region: 'eu-central-1' }), {
    send: async (command: object) => void sent.push(command),
  });
  const store = guardedStore(client, (access) => {
    asked.push(access);
    return permits(access);
  });
  return { store, asked, sent };
}

test.each([
  [new GetObjectCommand(AT), [{ action: 's3:GetObject', resource: ARN }]],
  [new HeadObjectCommand(AT), [{ action: 's3:GetObject', resource: ARN }]],
  [new PutObjectCommand(AT), [{ action: 's3:PutObject', resource: ARN }]],
  [new DeleteObjectCommand(AT), [{ action: 's3:DeleteObject', resource: ARN }]],
  [
    new DeleteObjectCommand({ ...AT, IfMatch: '"e"' }),
    [
      { action: 's3:DeleteObject', resource: ARN },
      { action: 's3:GetObject', resource: ARN },
    ],
  ],
  [
    new PutObjectCommand({ ...AT, IfMatch: '"e"' }),
    [
      { action: 's3:PutObject', resource: ARN },
      { action: 's3:GetObject', resource: ARN },
    ],
  ],
  [new PutObjectCommand({ ...AT, IfNoneMatch: '*' }), [{ action: 's3:PutObject', resource: ARN }]],
  [
    new ListObjectsV2Command({ Bucket: 'inbox', Prefix: 'acme/' }),
    [{ action: 's3:ListBucket', resource: 'arn:aws:s3:::inbox', prefix: 'acme/' }],
  ],
  [
    new ListObjectsV2Command({ Bucket: 'inbox' }),
    [{ action: 's3:ListBucket', resource: 'arn:aws:s3:::inbox', prefix: '' }],
  ],
  [
    new CopyObjectCommand({ ...AT, CopySource }),
    [COPIED, { action: 's3:PutObject', resource: ARN }],
  ],
  [
    new UploadPartCopyCommand({ ...AT, CopySource, UploadId: '1', PartNumber: 1 }),
    [COPIED, { action: 's3:PutObject', resource: ARN }],
  ],
  [new AbortMultipartUploadCommand({ ...AT, UploadId: '1' }), []],
])('%# each S3 call is made only with all the permissions it needs', async (command, needed) => {
  const allowing = storeThat(() => true);
  await allowing.store.send(command as GetObjectCommand);
  expect(allowing.asked).toEqual(needed);
  expect(allowing.sent).toEqual([command]);
  for (const missing of needed) {
    const { store, sent } = storeThat(({ action }) => action !== missing.action);
    await expect(store.send(command as GetObjectCommand)).rejects.toThrow('permission denied');
    expect(sent).toEqual([]);
  }
});

test.each([new DeleteObjectTaggingCommand(AT), new ListObjectVersionsCommand({ Bucket: 'inbox' })])(
  '%# an unknown call is refused, whatever the policy',
  async (command) => {
    const { store, sent } = storeThat(() => true);
    await expect(store.send(command as never)).rejects.toThrow('permission denied');
    expect(sent).toEqual([]);
  },
);
