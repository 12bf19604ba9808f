import { createHash } from 'node:crypto';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { isNoSuchKey } from '../s3/errors.ts';
import { Manifest, Pointer } from './published.ts';
import { downloadFile, uploadFile } from './s3-signature-files.ts';
import type { SignatureStore } from './signature-store.ts';

const POINTER = 'current.json';
const VERSIONS = 'versions/';

/** Somebody else switched the pointer in the meantime, or at this very moment. */
const CHANGED = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

/** Publishes in a bucket: `versions/<version>/` for each version, `current.json` names one. */
export function s3SignatureStore(s3: S3Client, bucket: string): SignatureStore {
  const at = (version: string, name: string) => ({
    Bucket: bucket,
    Key: `${VERSIONS}${version}/${name}`,
  });

  return {
    async current(signal) {
      const found = await read(s3, { Bucket: bucket, Key: POINTER }, signal);
      if (found === undefined) return undefined;
      const pointer = v.parse(Pointer, JSON.parse(found.text));
      const manifest = await read(s3, at(pointer.version, 'manifest.json'), signal);
      if (manifest === undefined || sha256(manifest.text) !== pointer.manifestSha256) {
        const what = manifest === undefined ? 'missing' : 'not the one that was published';
        throw new Error(`the manifest of signatures ${pointer.version} in ${bucket} is ${what}`);
      }
      return {
        pointer,
        etag: found.etag,
        manifest: v.parse(Manifest, JSON.parse(manifest.text)),
      };
    },

    async download({ version, files }, directory, signal) {
      await Promise.all(
        files.map((file) => downloadFile(s3, at(version, file.name), directory, file, signal)),
      );
    },

    async upload(manifest, directory, signal) {
      const { version, files } = manifest;
      await Promise.all(
        files.map((file) => uploadFile(s3, at(version, file.name), directory, file, signal)),
      );
      // Last: a folder with a manifest is complete.
      const command = new PutObjectCommand({
        ...at(version, 'manifest.json'),
        Body: JSON.stringify(manifest, null, 2),
        ContentType: 'application/json',
      });
      await s3.send(command, { abortSignal: signal });
    },

    async switchTo(version, instead, { isPinned, switchedAt }, signal) {
      const manifest = await read(s3, at(version, 'manifest.json'), signal);
      if (manifest === undefined)
        throw new Error(`there are no signatures ${version} in ${bucket}`);
      const pointer: Pointer = {
        version,
        manifestSha256: sha256(manifest.text),
        switchedAt: new Date(switchedAt).toISOString(),
        isPinned,
      };
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: POINTER,
        Body: JSON.stringify(pointer, null, 2),
        ContentType: 'application/json',
        ...(instead === undefined ? { IfNoneMatch: '*' } : { IfMatch: instead.etag }),
      });
      await s3.send(command, { abortSignal: signal }).catch((cause: unknown) => {
        if (!(cause instanceof S3ServiceException) || !CHANGED.has(cause.name)) throw cause;
        const why = 'other signatures were put in force meanwhile';
        throw new Error(`signatures ${version} are not in force: ${why}`, { cause });
      });
    },

    async versions(signal) {
      const keys = await list(s3, bucket, VERSIONS, signal);
      const complete = new Set(keys.filter(isManifest).map(versionOf));
      return [...new Set(keys.map(versionOf))]
        .toSorted()
        .toReversed()
        .map((version) => ({ version, isComplete: complete.has(version) }));
    },

    async remove(version, signal) {
      const keys = await list(s3, bucket, `${VERSIONS}${version}/`, signal);
      // The manifest goes first: what has none is no version any more, wherever this breaks off.
      for (const some of [keys.filter(isManifest), keys.filter((key) => !isManifest(key))]) {
        if (some.length === 0) continue;
        const Objects = some.map((Key) => ({ Key }));
        const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } });
        await s3.send(command, { abortSignal: signal });
      }
    },
  };
}

function isManifest(key: string): boolean {
  return key.endsWith('/manifest.json');
}

function versionOf(key: string): string {
  return key.slice(VERSIONS.length).split('/', 1).join();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function read(
  s3: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly etag: string } | undefined> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand(object), { abortSignal: signal });
    return { text: (await Body?.transformToString()) ?? '', etag: ETag ?? '' };
  } catch (error) {
    if (isNoSuchKey(error)) return undefined;
    throw error;
  }
}

async function list(
  s3: S3Client,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) {
    signal.throwIfAborted();
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  }
  return keys;
}
