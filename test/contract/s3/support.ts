import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GetObjectCommandInput } from '@aws-sdk/client-s3';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Event } from '../../../local/s3/server.ts';
import { startS3 } from '../../../local/s3/server.ts';

const foreignEndpoint = process.env['S3_ENDPOINT'];

/**
 * Whether another endpoint than the stand-in is tested. Tests with unsigned raw requests, crashes, events and disk access
 * are then skipped.
 */
export const isForeign = foreignEndpoint !== undefined;

export type S3UnderTest = AsyncDisposable & {
  readonly endpoint: string;
  readonly client: S3Client;
  /** Events emitted by the stand-in so far. */
  readonly events: readonly S3Event[];
  /** The stand-in's directory. */
  readonly root: string;
  /** Creates a bucket with a random name; on the stand-in with events enabled. */
  bucket(settings?: { versioned?: boolean }): Promise<string>;
};

/** Starts a stand-in on a free port, or uses the endpoint in S3_ENDPOINT. */
export async function openS3(): Promise<S3UnderTest> {
  const root = await mkdtemp(join(tmpdir(), 's3-contract-'));
  const events: S3Event[] = [];
  const region = process.env['AWS_REGION'] ?? 'eu-central-1';
  const standIn =
    foreignEndpoint === undefined
      ? await startS3({
          root,
          region,
          accountId: '000000000000',
          emit: (event) => void events.push(event),
        })
      : undefined;
  const endpoint = standIn?.endpoint ?? foreignEndpoint ?? '';
  const client = createClient(endpoint);
  const buckets: string[] = [];
  return {
    endpoint,
    client,
    events,
    root,
    async bucket({ versioned = false } = {}) {
      const name = `contract-${randomBytes(6).toString('hex')}`;
      if (standIn !== undefined) {
        standIn.ensureBucket(name, { versioned, eventBridge: true });
        return name;
      }
      buckets.push(name);
      await client.send(new CreateBucketCommand({ Bucket: name }));
      if (versioned) {
        const VersioningConfiguration = { Status: 'Enabled' as const };
        await client.send(
          new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }),
        );
      }
      return name;
    },
    async [Symbol.asyncDispose]() {
      for (const name of buckets) await emptyAndDelete(client, name);
      client.destroy();
      await standIn?.[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

/** With default settings, whose requests must be supported. */
export function createClient(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: process.env['AWS_REGION'] ?? 'eu-central-1',
    ...(foreignEndpoint === undefined
      ? { credentials: { accessKeyId: 'any', secretAccessKey: 'any' } }
      : {}),
  });
}

async function emptyAndDelete(client: S3Client, Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket }),
  );
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

export async function read(client: S3Client, input: GetObjectCommandInput): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand(input));
  return (await Body?.transformToString('latin1')) ?? '';
}

/** The error of a call as `code status`, or `not refused`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof S3ServiceException) {
      return `${error.name} ${error.$metadata.httpStatusCode}`;
    }
    throw error;
  }
  return 'not refused';
}

export type RawReply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `Code` of an error document. */
  readonly code: string | undefined;
};

/** Sends an unsigned request that the SDK cannot send. */
export async function raw(
  endpoint: string,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body: string | Buffer = '',
): Promise<RawReply> {
  const agent = new Agent();
  const { hostname, port } = new URL(endpoint);
  try {
    return await new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, headers }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString('latin1');
          const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, code });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  } finally {
    agent.destroy();
  }
}

export const MIB = 1024 * 1024;

/** Bytes that differ everywhere, so that swapped or missing ones are detected. */
export function patterned(sizeBytes: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  for (let index = 0; index < sizeBytes; index++) {
    bytes[index] = (index * 31 + (index >> 8) * 7 + (index >> 16) + seed) & 0xff;
  }
  return bytes;
}
