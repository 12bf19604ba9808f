import { arrivalOf, type Kind, type Version } from './inbox.ts';
import { mustHaveConverged, mustHaveEnded } from './judge.ts';
import { play } from './play.ts';
import { rest } from './scheduler.ts';
import type { Size } from './size.ts';
import { die, type Worker, work } from './worker.ts';
import { World } from './world.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import { encodeArrival } from '../../shared/parse/arrival.ts';

const SIZE: Size = {
  keys: 1,
  deeds: 0,
  workers: 1,
  maxReceiveCount: 6,
  deaths: 0,
  failures: 0,
  duplicates: 0,
  losses: 0,
  slowness: 0,
  sweeps: 0,
};

/** A schedule written by hand: nothing happens but what it calls. */
export class Script {
  readonly world: World;
  #workers = 0;

  constructor(size: Partial<Size> = {}) {
    this.world = new World(0, { size: { ...SIZE, ...size } });
    this.world.left.failures = 0;
  }

  /** An upload whose event waits in the queue. */
  upload(kind: Kind, content = `upload ${this.world.inbox.uploads.length + 1}: ${kind}`): Version {
    const version = this.world.inbox.put('a', kind, content, 1_000_000);
    this.event(version);
    return version;
  }

  /** Sends an event of the upload, its first or a repetition. */
  event(version: Version): void {
    this.world.queue.send(encodeArrival(arrivalOf(version)));
  }

  /** An upload whose event was lost. */
  uploadUnheard(kind: Kind): Version {
    const version = this.upload(kind);
    this.world.queue.messages.pop();
    return version;
  }

  delete(): void {
    this.world.inbox.delete('a', this.world.scheduler.now);
  }

  /** A worker receives the oldest visible message of the upload. */
  async receive(version: Version): Promise<Worker> {
    const { queue } = this.world;
    const worker = {
      name: `worker ${(this.#workers += 1)}`,
      dead: false,
      since: 0,
      receipts: [],
    };
    void work(
      this.world,
      worker,
      queue.receiveOne(({ body }) => body.includes(`"${version.versionId}"`)),
    );
    await rest();
    return worker;
  }

  /** Until the worker is about to take a step of that name. */
  async until(worker: Worker, label: string): Promise<void> {
    for (;;) {
      const step = this.world.scheduler.steps.find(({ actor }) => actor === worker);
      if (step === undefined) throw new Error(`${worker.name} never came to "${label}"`);
      if (step.label.startsWith(label)) return;
      await this.world.scheduler.run(step);
    }
  }

  async finish(worker: Worker): Promise<void> {
    for (;;) {
      const step = this.world.scheduler.steps.find(({ actor }) => actor === worker);
      if (step === undefined) return;
      await this.world.scheduler.run(step);
    }
  }

  /** From its receive to its end. */
  async handle(version: Version): Promise<void> {
    await this.finish(await this.receive(version));
  }

  die(worker: Worker): void {
    die(this.world, worker);
    for (const message of this.world.queue.hidden) {
      if (message.comesBack) this.world.queue.show(message);
    }
  }

  /** Its message does not come back: another worker has handled it meanwhile. */
  diesUnnoticed(worker: Worker): void {
    for (const receipt of worker.receipts) this.world.queue.delete(receipt);
    worker.receipts = [];
    die(this.world, worker);
  }

  /** Runs everything else without faults, and checks every promise. */
  async rest(): Promise<void> {
    await play(this.world);
    mustHaveEnded(this.world);
    mustHaveConverged(this.world);
  }

  /** Repetitions included. */
  noticesOf({ versionId }: Version): readonly Notice[] {
    return this.world.notices.filter(({ object }) => object?.versionId === versionId);
  }

  endingsOf(version: Version): string[] {
    return [...new Set(this.noticesOf(version).map(({ outcome }) => outcome))];
  }

  get landed(): string | undefined {
    return this.world.files.landed.get('a')?.content;
  }
}
