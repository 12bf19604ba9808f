import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { PacketFramer } from '../../gateway/protocol/packet-framer.ts';
import type { SftpConnection } from './sftp-client.ts';

/** The flags of SSH_FXP_OPEN. */
export const FLAG = {
  read: 1,
  write: 2,
  append: 4,
  create: 8,
  truncate: 16,
  exclusive: 32,
} as const;

/** What a server answered, as far as servers can be compared: no times, owners and words. */
export type Answer = {
  readonly code: number;
  readonly message?: string;
  readonly handle?: Buffer;
  readonly data?: Buffer;
  readonly names?: readonly string[];
  readonly sizeBytes?: number;
  readonly isFolder?: boolean;
};

/** Requests of SFTP version 3, packet by packet, over any pair of streams. */
export class RawSftp {
  readonly #output: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  readonly #version = Promise.withResolvers<void>();

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    output.on('error', () => {});
    void this.#receive(input);
    output.write(packet(1, uint32(3)));
  }

  /** Resolves when the server has answered INIT. */
  get ready(): Promise<void> {
    return this.#version.promise;
  }

  open = (path: string, flags: number) => this.#ask(3, text(path), uint32(flags), uint32(0));
  close = (handle: Buffer) => this.#ask(4, text(handle));
  read = (handle: Buffer, offset: number, lengthBytes: number) =>
    this.#ask(5, text(handle), uint64(offset), uint32(lengthBytes));
  write = (handle: Buffer, offset: number, data: Buffer) =>
    this.#ask(6, text(handle), uint64(offset), text(data));
  stat = (path: string) => this.#ask(17, text(path));
  fstat = (handle: Buffer) => this.#ask(8, text(handle));
  setSize = (path: string, sizeBytes: number) =>
    this.#ask(9, text(path), uint32(1), uint64(sizeBytes));
  setHandleSize = (handle: Buffer, sizeBytes: number) =>
    this.#ask(10, text(handle), uint32(1), uint64(sizeBytes));
  remove = (path: string) => this.#ask(13, text(path));
  mkdir = (path: string) => this.#ask(14, text(path), uint32(0));
  rmdir = (path: string) => this.#ask(15, text(path));
  rename = (from: string, to: string) => this.#ask(18, text(from), text(to));
  posixRename = (from: string, to: string) =>
    this.#ask(200, text('posix-rename@openssh.com'), text(from), text(to));

  /** The names in a folder, sorted, without `.` and `..`. */
  async list(path: string): Promise<Answer> {
    const opened = await this.#ask(11, text(path));
    const { handle } = opened;
    if (handle === undefined) return opened;
    const names: string[] = [];
    for (;;) {
      const page = await this.#ask(12, text(handle));
      if (page.names === undefined) break;
      names.push(...page.names.filter((name) => name !== '.' && name !== '..'));
    }
    await this.close(handle);
    return { code: 0, names: names.toSorted() };
  }

  /** A whole file. */
  async fetch(path: string): Promise<Answer> {
    const opened = await this.open(path, FLAG.read);
    const { handle } = opened;
    if (handle === undefined) return opened;
    const chunks: Buffer[] = [];
    let offset = 0;
    for (;;) {
      const { code, data } = await this.read(handle, offset, 255 * 1024);
      if (data === undefined) {
        await this.close(handle);
        return code === 1 ? { code: 0, data: Buffer.concat(chunks) } : { code };
      }
      chunks.push(data);
      offset += data.length;
    }
  }

  /** A whole file, replaced if it exists. */
  async store(path: string, bytes: Buffer): Promise<Answer> {
    const opened = await this.open(path, FLAG.write | FLAG.create | FLAG.truncate);
    const { handle } = opened;
    if (handle === undefined) return opened;
    const written = bytes.length === 0 ? { code: 0 } : await this.write(handle, 0, bytes);
    const closed = await this.close(handle);
    return written.code === 0 ? closed : written;
  }

  #ask(type: number, ...fields: Buffer[]): Promise<Answer> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#output.write(packet(type, uint32(id), ...fields));
    return promise;
  }

  async #receive(input: Readable): Promise<void> {
    const framer = new PacketFramer();
    try {
      for await (const chunk of input) {
        for (const each of framer.push(Buffer.from(chunk))) this.#answer(Buffer.from(each));
      }
    } catch {
      // Cut off.
    }
    for (const resolve of this.#waiting.values()) resolve({ code: -1, message: 'cut off' });
  }

  #answer(reply: Buffer): void {
    if (reply[0] === 2) return this.#version.resolve();
    const id = reply.readUInt32BE(1);
    this.#waiting.get(id)?.(parseAnswer(reply));
    this.#waiting.delete(id);
  }
}

function parseAnswer(reply: Buffer): Answer {
  const field = (at: number): Buffer => reply.subarray(at + 4, at + 4 + reply.readUInt32BE(at));
  switch (reply.readUInt8(0)) {
    case 101:
      return { code: reply.readUInt32BE(5), message: field(9).toString() };
    case 102:
      return { code: 0, handle: field(5) };
    case 103:
      return { code: 0, data: field(5) };
    case 104: {
      const names: string[] = [];
      let at = 9;
      for (let count = reply.readUInt32BE(5); count > 0; count--) {
        names.push(field(at).toString());
        at += 4 + field(at).length;
        at += 4 + field(at).length;
        at += attributesLength(reply, at);
      }
      return { code: 0, names };
    }
    case 105: {
      const mode = reply.readUInt32BE(25);
      const isFolder = (mode & 0o170000) === 0o040000;
      return {
        code: 0,
        isFolder,
        ...(isFolder ? {} : { sizeBytes: Number(reply.readBigUInt64BE(9)) }),
      };
    }
    default:
      throw new Error(`unexpected reply ${reply[0]}`);
  }
}

function attributesLength(reply: Buffer, at: number): number {
  const flags = reply.readUInt32BE(at);
  const has = (flag: number) => (flags & flag) !== 0;
  return 4 + (has(1) ? 8 : 0) + (has(2) ? 8 : 0) + (has(4) ? 4 : 0) + (has(8) ? 8 : 0);
}

function packet(type: number, ...fields: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...fields]);
  return Buffer.concat([uint32(body.length), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function text(value: string | Buffer): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);
}

export interface RawSession {
  readonly sftp: RawSftp;
  /** Ends it as a lost connection does; resolves when the server's end has gone. */
  drop(): Promise<void>;
}

/** A session of its own over a connection to the gateway. */
export async function overSsh(connection: SftpConnection): Promise<RawSession> {
  const { client, ask } = connection;
  const channel = await ask<ClientChannel>((done) => client.subsys('sftp', done));
  const sftp = new RawSftp(channel, channel);
  await sftp.ready;
  return {
    sftp,
    async drop() {
      const closed = once(client, 'close');
      connection.cut();
      await closed;
    },
  };
}

/** Where Debian, Fedora and macOS have OpenSSH's server. */
const SFTP_SERVERS = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
];

export const SFTP_SERVER = SFTP_SERVERS.find((path) => existsSync(path));

/** OpenSSH's own server on a directory, without SSH in between. */
export async function overStdio(program: string, directory: string): Promise<RawSession> {
  const child = spawn(program, ['-d', directory], { stdio: ['pipe', 'pipe', 'ignore'] });
  const sftp = new RawSftp(child.stdout, child.stdin);
  await sftp.ready;
  return {
    sftp,
    async drop() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
