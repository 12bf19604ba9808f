import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3 } from '../../local/s3/server.ts';
import { createAuthenticator } from '../../gateway/ssh/authenticate.ts';
import { loadOrCreateCredentials, type Credentials } from '../../gateway/ssh/credentials.ts';
import type { Authenticate } from '../../gateway/ssh/login.ts';
import { homeAt } from '../../gateway/storage/paths.ts';
import { startSshServer, type SshServer, type SshServerOptions } from '../../gateway/ssh/server.ts';
import { createStorageClient } from '../../gateway/storage/storage-client.ts';
import { listedPartners } from '../support/listed-partners.ts';
import { connectSftp, runSftp, type SftpConnection, type SftpRun } from '../support/sftp-client.ts';

export const BUCKET = 'inbox';

export interface OpenGateway extends AsyncDisposable {
  readonly server: SshServer;
  readonly s3: S3Client;
  readonly credentials: Credentials;
  /** A temporary directory for uploaded and downloaded files. */
  readonly directory: string;
  /** The lines that the gateway has logged so far. */
  readonly lines: readonly LogLine[];
  /** Runs commands as the demo partner with OpenSSH's `sftp`. */
  readonly run: (...commands: string[]) => Promise<SftpRun>;
  /** Connects as the demo partner with ssh2's client. */
  connect(): Promise<SftpConnection>;
  /** All keys in the bucket, sorted. */
  keys(): Promise<string[]>;
  object(key: string): Promise<Buffer>;
  /** Creates a file in `directory` with the content, or with that many random bytes. @returns its path and bytes */
  localFile(name: string, content: number | Buffer): Promise<[string, Buffer]>;
  put(key: string, body: string | Buffer): Promise<void>;
  /** Keys of multipart uploads that were neither completed nor aborted. */
  unfinishedUploads(): Promise<string[]>;
  /** Resolves when the gateway has logged such a line, now or earlier. */
  logged(line: string, fields?: Record<string, unknown>): Promise<void>;
}

/** Starts the gateway and an S3 stand-in in a temporary directory. */
export async function openGateway(options: Partial<SshServerOptions> = {}): Promise<OpenGateway> {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'airlock-sftp-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const standIn = stack.use(
    await startS3({
      root: join(directory, 's3'),
      region: 'eu-central-1',
      accountId: '000000000000',
      emit: () => {},
    }),
  );
  standIn.ensureBucket(BUCKET, { versioned: true, eventBridge: false });
  const s3 = createStorageClient({
    endpoint: standIn.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  stack.defer(() => s3.destroy());
  const credentials = await loadOrCreateCredentials(join(directory, 'credentials'));
  const log = watchedLog();
  const server = stack.use(
    await startSshServer({
      host: '127.0.0.1',
      port: 0,
      hostKey: credentials.hostKey,
      s3,
      serverId: 's-local',
      authenticate: createAuthenticator({
        identify: listedPartners([{ ...credentials, homes: { '/': `/${BUCKET}` } }]),
        serverId: 's-local',
        protocols: ['SFTP', 'SCP'],
      }),
      log: log.write,
      ...options,
    }),
  );
  const { username, privateKeyPath } = credentials;

  return {
    server,
    s3,
    credentials,
    directory,
    lines: log.lines,
    run: (...commands) => runSftp({ ...addressOf(server), username, privateKeyPath }, commands),
    connect: () =>
      connectSftp(addressOf(server), { username, privateKey: readFileSync(privateKeyPath) }),
    async keys() {
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return (Contents ?? []).map(({ Key }) => Key ?? '');
    },
    async object(key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async localFile(name, content) {
      const bytes = typeof content === 'number' ? randomBytes(content) : content;
      const path = join(directory, name);
      await writeFile(path, bytes);
      return [path, bytes];
    },
    async put(key, body) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    },
    async unfinishedUploads() {
      const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
      return (Uploads ?? []).map(({ Key }) => Key ?? '');
    },
    logged: log.seen,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function addressOf({ host, port }: SshServer) {
  return { host, port };
}

type LogLine = { readonly line: string } & Readonly<Record<string, unknown>>;

function watchedLog() {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  return {
    lines,
    write: (line: string, fields: Record<string, unknown>) => {
      lines.push({ ...fields, line });
      for (const look of waiting) look();
    },
    seen: async (line: string, fields: Record<string, unknown> = {}) => {
      const isThere = () =>
        lines.some(
          (each) =>
            each.line === line &&
            Object.entries(fields).every(([name, value]) => each[name] === value),
        );
      if (isThere()) return;
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!isThere()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
  };
}

/** Accepts every login, with the bucket or a prefix of it as home. */
export function allowEveryone(prefix = ''): Authenticate {
  return async ({ username }) => ({
    grant: {
      username,
      homes: { kind: 'logical', homes: [homeAt('/', `/${BUCKET}/${prefix}`)] },
      permits: () => true,
      protocols: ['SFTP', 'SCP'],
    },
  });
}
