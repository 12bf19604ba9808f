import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type PartnerPolicy, SAFE_POLICY } from '../../shared/model/partner-policy.ts';
import type { ScanReply } from '../../shared/model/verdict.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import type { BatchPorts } from '../../shared/pipeline/ports.ts';
import { openers } from '../../shared/open/openers.ts';
import { createLog } from '../../shared/platform/log.ts';
import { anObject } from './builders.ts';

/**
 * Ports in memory, for tests of how the steps are put together. The inbox holds one version per
 * key; whatever contains "EICAR" is infected.
 */
export function memoryPorts(
  inbox: Readonly<Record<string, string>>,
  policy: PartnerPolicy = SAFE_POLICY,
) {
  const staged = new Map<string, string>();
  const landed = new Map<string, string>();
  const quarantined: string[] = [];
  const settled: string[] = [];
  const notices: Notice[] = [];
  const deadLetters: [messageId: string, code: string][] = [];
  const hidden: [messageId: string, seconds: number][] = [];
  const scanner = new MemoryScanner(staged);
  let stagedCount = 0;

  const ports: BatchPorts = {
    source: {
      async open(arrival) {
        const content = inbox[arrival.key];
        const dispose = async (): Promise<void> => {};
        if (content === undefined) return { state: 'gone', [Symbol.asyncDispose]: dispose };
        const object = anObject({ key: arrival.key, sizeBytes: content.length });
        const body = Readable.from([Buffer.from(content)]);
        return { state: 'open', object, body, [Symbol.asyncDispose]: dispose };
      },
      async *history() {},
      async partnerOf() {
        return 'acme';
      },
    },
    staging: {
      async stage(body, sizeBytes) {
        const bytes = await buffer(body);
        const path = `staged/${(stagedCount += 1)}`;
        staged.set(path, bytes.toString());
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const discard = async (): Promise<void> => void staged.delete(path);
        return { path, sizeBytes, sha256, [Symbol.asyncDispose]: discard };
      },
      async capacityBytes() {
        return Infinity;
      },
    },
    inspector: { inspect: async () => undefined },
    opener: openers(),
    scanner,
    landing: {
      async commit({ path }, landingPath) {
        landed.set(landingPath, staged.get(path) ?? '');
      },
      async compare() {
        return 'missing';
      },
      async makeFolder() {},
      async sweep() {
        return 0;
      },
    },
    quarantine: {
      async keep(object) {
        quarantined.push(object.key);
      },
    },
    notifiers: [
      {
        async announce(notice) {
          notices.push(notice);
        },
      },
    ],
    settler: {
      async mark(object) {
        settled.push(object.key);
      },
      async refuse() {},
      async remove(object) {
        settled.push(object.key);
      },
    },
    partners: { policyOf: async () => policy },
    queue: {
      async send() {},
      async hideFor(message, seconds) {
        hidden.push([message.messageId, seconds]);
      },
      async deadLetter({ message, error }) {
        deadLetters.push([message.messageId, error.code]);
      },
    },
    policy: { inboxBucket: 'inbox', temporarySuffixes: ['.part'] },
    log: createLog(() => {}),
    now: () => 0,
  };
  return { ports, scanner, landed, quarantined, settled, notices, deadLetters, hidden };
}

class MemoryScanner {
  readonly #staged: ReadonlyMap<string, string>;
  readonly #failures = new Map<string, Error>();
  #atOnce = 0;
  mostAtOnce = 0;

  constructor(staged: ReadonlyMap<string, string>) {
    this.#staged = staged;
  }

  failOn(content: string, error: Error): void {
    this.#failures.set(content, error);
  }

  async scan(path: string): Promise<ScanReply> {
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    this.#atOnce -= 1;
    const content = this.#staged.get(path) ?? '';
    const failure = this.#failures.get(content);
    if (failure) throw failure;
    return content.includes('EICAR') ? { kind: 'found', signature: 'Eicar' } : { kind: 'ok' };
  }

  async version(): Promise<string> {
    return 'ClamAV in memory';
  }
}
