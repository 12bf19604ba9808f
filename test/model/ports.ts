import type { Readable } from 'node:stream';
import type { Arrival, PinnedObject } from '../../shared/model/arrival.ts';
import { SAFE_POLICY } from '../../shared/model/partner-policy.ts';
import type { BatchPorts } from '../../shared/pipeline/ports.ts';
import { IngestError } from '../../shared/model/ingest-error.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { Inventory } from '../../shared/inbox/inventory.ts';
import { refusedTags, settledTags, stateOf } from '../../shared/inbox/ledger-tags.ts';
import { arrivalOf, INBOX, type Version } from './inbox.ts';
import type { Actor } from './scheduler.ts';
import type { World } from './world.ts';

const silent: Log = { info() {}, warn() {}, error() {}, with: () => silent };

/** What the model's staging takes for a body: the version itself. */
const bodyOf = (version: Version): Readable => version as unknown as Readable;
const versionOf = (body: Readable): Version => body as unknown as Version;

/** The real pipeline's ports onto the model's world, as one actor uses them. */
export function portsOf(world: World, actor: Actor): BatchPorts & { inventory: Inventory } {
  return {
    ...inboxPorts(world, actor),
    ...filePorts(world, actor),
    ...outgoingPorts(world, actor),
    partners: { policyOf: async () => SAFE_POLICY },
    policy: { inboxBucket: INBOX, temporarySuffixes: ['.part'] },
    log: silent,
    now: () => 0,
  };
}

type Named = Pick<Arrival, 'key' | 'versionId'>;

function inboxPorts(
  world: World,
  actor: Actor,
): Pick<BatchPorts, 'source' | 'settler'> & { inventory: Inventory } {
  const { inbox } = world;
  const name = ({ key, versionId }: Named): string => `${key} ${versionId}`;
  const find = ({ key, versionId }: Named): Version | undefined => inbox.find(key, versionId);
  const mark = (upload: Named, tags: Version['tags']): void => {
    const version = find(upload);
    if (version) version.tags = tags;
  };
  return {
    source: {
      async open(arrival) {
        const look = (): Version | undefined => find(arrival);
        const version = await world.read(
          actor,
          `open ${name(arrival)}`,
          'SOURCE_UNAVAILABLE',
          look,
        );
        const dispose = { async [Symbol.asyncDispose]() {} };
        if (version === undefined) return { state: 'gone', ...dispose };
        return { state: 'open', object: pin(version), body: bodyOf(version), ...dispose };
      },
      async partnerOf() {
        return 'acme';
      },

      async *history(_bucket, key) {
        let seq = Infinity;
        for (;;) {
          const next = (): ReturnType<typeof inbox.olderThan> => inbox.olderThan(key, seq);
          const entry = await world.read(actor, `list ${key}`, 'SOURCE_UNAVAILABLE', next);
          if (entry === undefined) return;
          ({ seq } = entry);
          if (entry.change === 'deletion') {
            yield { kind: 'deletion' };
            continue;
          }
          const look = (): Version['tags'] => find(entry)?.tags ?? {};
          yield {
            kind: 'upload',
            upload: arrivalOf(entry),
            readTags: () => world.read(actor, `tags of ${name(entry)}`, 'SOURCE_UNAVAILABLE', look),
          };
        }
      },
    },
    settler: {
      async mark(object, settlement) {
        const tags = settledTags(object, settlement);
        const label = `mark ${name(object)} ${settlement.status}`;
        await world.effect(actor, label, 'SETTLE_FAILED', () => {
          mark(object, tags);
          const version = find(object);
          if (version && settlement.status === 'clean') {
            version.deliveredAt ??= world.scheduler.now;
          }
        });
      },
      async refuse(upload) {
        const look = (): Version['tags'] => find(upload)?.tags ?? {};
        const tags = await world.read(actor, `tags of ${name(upload)}`, 'SETTLE_FAILED', look);
        const label = `mark ${name(upload)} refused`;
        await world.effect(actor, label, 'SETTLE_FAILED', () =>
          mark(upload, refusedTags(upload, tags)),
        );
      },
      async remove(object) {
        const remove = (): void => {
          const kept = world.quarantined.some(({ versionId }) => versionId === object.versionId);
          const told = world.notices.some((it) => it.object?.versionId === object.versionId);
          if (!kept || !told) world.breaks(`${name(object)} leaves the inbox too early`);
          inbox.remove(object.key, object.versionId);
        };
        await world.effect(actor, `remove ${name(object)}`, 'SETTLE_FAILED', remove);
      },
    },
    inventory: {
      async *survey(_bucket, { includeRefused }) {
        const all = inbox
          .versions()
          .toSorted((a, b) => (a.key === b.key ? b.seq - a.seq : a.key < b.key ? -1 : 1));
        for (const version of all) {
          const look = (): Version | undefined => find(version);
          const found = await world.read(
            actor,
            `sweep ${name(version)}`,
            'SOURCE_UNAVAILABLE',
            look,
          );
          if (found === undefined) continue;
          const arrival = arrivalOf(found);
          yield { arrival, state: stateOf(arrival, found.tags, includeRefused) };
        }
      },
    },
  };
}

function pin(version: Version): PinnedObject {
  const { arrivedAt, ...identity } = arrivalOf(version);
  return {
    ...identity,
    uploadedAt: arrivedAt,
    partner: undefined,
    metadata: {},
    contentType: undefined,
    tags: version.tags,
  };
}

function filePorts(
  world: World,
  actor: Actor,
): Pick<BatchPorts, 'staging' | 'scanner' | 'inspector' | 'opener' | 'landing'> {
  const { files } = world;
  return {
    inspector: {
      async inspect() {
        return undefined;
      },
    },
    opener: {
      async open() {
        throw new Error('every file is what it seems');
      },
    },
    staging: {
      async stage(body, sizeBytes) {
        const { key, versionId, kind, content } = versionOf(body);
        const half = content.slice(0, content.length / 2);
        const begin = (): string => files.create(files.staged, actor, half);
        const path = await world.read(actor, `stage ${key} ${versionId}`, 'STAGING_FULL', begin);
        try {
          if (kind === 'unreadable') throw new IngestError('SOURCE_TRUNCATED', 'it broke off');
          const end = (): void => files.write(files.staged, path, content);
          await world.read(actor, `stage ${key} ${versionId}: the rest`, 'STAGING_FULL', end);
        } catch (error) {
          files.staged.delete(path);
          throw error;
        }
        const discard = async (): Promise<void> => void files.staged.delete(path);
        return { path, sizeBytes, sha256: content, [Symbol.asyncDispose]: discard };
      },
      capacityBytes: async () => Infinity,
    },
    scanner: {
      async version() {
        return 'ClamAV of the model';
      },
      async scan(path) {
        const look = (): string => files.readStaged(path);
        const content = await world.read(actor, `scan ${path}`, 'SCANNER_UNAVAILABLE', look);
        // What makes it unclean is in the last bytes: half a file would pass.
        if (content.endsWith('infected')) return { kind: 'found', signature: 'Eicar' };
        if (content.endsWith('unscannable')) {
          return { kind: 'found', signature: 'Heuristics.Encrypted.Zip' };
        }
        return { kind: 'ok' };
      },
    },
    landing: {
      async commit(staged, landingPath, modifiedAt) {
        const content = files.readStaged(staged.path);
        const half = content.slice(0, content.length / 2);
        const begin = (): string => files.create(files.incoming, actor, half);
        const path = await world.read(actor, `copy "${content}"`, 'LANDING_FULL', begin);
        try {
          const end = (): void => files.write(files.incoming, path, content);
          await world.read(actor, `copy "${content}": the rest`, 'LANDING_FULL', end);
          const label = `commit "${content}" as ${landingPath}`;
          const act = (): void => files.land(path, landingPath, modifiedAt);
          await world.effect(actor, label, 'LANDING_UNAVAILABLE', act);
        } finally {
          files.incoming.delete(path);
        }
      },
      async compare(landingPath, modifiedAt) {
        const look = (): 'same' | 'different' | 'missing' => {
          const file = files.landed.get(landingPath);
          if (file === undefined) return 'missing';
          return file.modifiedAt === modifiedAt ? 'same' : 'different';
        };
        return await world.read(actor, `look at ${landingPath}`, 'LANDING_UNAVAILABLE', look);
      },
      makeFolder: () => Promise.reject(new Error('folders are not part of this model')),
      sweep: () => Promise.reject(new Error('partial files are not part of this model')),
    },
  };
}

function outgoingPorts(
  world: World,
  actor: Actor,
): Pick<BatchPorts, 'quarantine' | 'notifiers' | 'queue'> {
  const { inbox, queue, quarantined } = world;
  return {
    quarantine: {
      async keep({ key, versionId = '' }) {
        const label = `keep ${key} ${versionId}`;
        const look = (): boolean =>
          quarantined.findLast((it) => it.key === key)?.versionId === versionId;
        if (await world.read(actor, `is ${label} done?`, 'QUARANTINE_UNAVAILABLE', look)) return;
        await world.effect(actor, label, 'QUARANTINE_UNAVAILABLE', () => {
          const found = inbox.find(key, versionId);
          if (!found) throw new IngestError('QUARANTINE_UNAVAILABLE', 'NoSuchVersion');
          quarantined.push({ key, versionId });
        });
      },
    },
    notifiers: [
      {
        async announce(notice) {
          const { key, versionId } = notice.object ?? {};
          const label = `announce ${key} ${versionId} ${notice.outcome}`;
          await world.effect(actor, label, 'NOTICE_FAILED', () => void world.notices.push(notice));
        },
      },
    ],
    queue: {
      async send(body) {
        await world.effect(actor, 'send', 'UNFORESEEN', () => queue.send(body));
      },
      async hideFor({ receiptHandle }) {
        await world.effect(actor, `hide ${receiptHandle}`, 'UNFORESEEN', () =>
          queue.comeBack(receiptHandle),
        );
      },
      async deadLetter({ message, error }) {
        const letter = { body: message.body, reason: error.code };
        await world.effect(
          actor,
          `dead-letter ${message.messageId} ${error.code}`,
          'UNFORESEEN',
          () => {
            queue.deadLetters.push(letter);
          },
        );
      },
    },
  };
}
