import { reconcileBucket } from '../../shared/reconcile/reconcile-bucket.ts';
import { INBOX } from './inbox.ts';
import { mustHaveConverged, mustHaveEnded } from './judge.ts';
import { partnerActs } from './partners.ts';
import { portsOf } from './ports.ts';
import { type Actor, rest, type Step } from './scheduler.ts';
import { die, type Worker, work } from './worker.ts';
import { BrokenPromise, type World } from './world.ts';

/** More than any world needs: one that takes longer does not come to rest. */
const MAX_STEPS = 20_000;

const CALM = { deaths: 0, failures: 0, duplicates: 0, losses: 0, slowness: 0, sweeps: 0 };

const never = new AbortController().signal;

/**
 * One world from its first upload to its rest, then the fair ending: nothing goes wrong any more,
 * the sweep runs until it finds nothing, and the promises are judged. At last an operator redrives
 * the dead letters.
 *
 * @throws BrokenPromise
 */
export async function play(world: World): Promise<void> {
  await new Play(world).run();
}

class Play {
  readonly world: World;
  #workers: Worker[] = [];
  #hiredCount = 0;
  #sweep: Actor | undefined;
  #requeuedCount = 0;
  #accident: Error | undefined;
  #last: Step | undefined;
  #steps = 0;

  constructor(world: World) {
    this.world = world;
    while (this.#workers.length < world.size.workers) this.#hire();
  }

  /** Everything that may happen now, the likely more than once. */
  #choices(): (() => void | Promise<void>)[] {
    const { world } = this;
    const { scheduler, queue, events } = world;
    const choices: (() => void | Promise<void>)[] = [];
    for (const step of scheduler.steps) {
      const go = async (): Promise<void> => {
        world.note(`  ${step.actor.name}: ${step.label}`);
        this.#last = step;
        await scheduler.run(step);
      };
      choices.push(go, go);
    }
    if (world.left.deeds > 0) choices.push(() => this.#deed());
    if (events.length > 0) choices.push(() => this.#deliver());
    const idle = this.#workers.filter(({ receipts }) => receipts.length === 0);
    const [worker] = idle;
    if (worker && queue.visible.length > 0) choices.push(() => this.#receive(worker));
    for (const message of queue.hidden) {
      if (message.comesBack) choices.push(() => queue.show(message));
      else if (world.left.slowness > 0) {
        choices.push(() => {
          if (!world.happens('slowness', 0.3)) return;
          world.note(`${message.messageId} comes back while its worker is busy`);
          queue.show(message);
        });
      }
    }
    return choices;
  }

  /** Until there is nothing left to do. */
  async #drain(): Promise<void> {
    for (;;) {
      if (this.world.broken !== undefined) throw this.world.broken;
      if (this.#accident !== undefined) throw this.#accident;
      if ((this.#steps += 1) > MAX_STEPS) throw new BrokenPromise('it does not come to rest');
      this.#misfortune();
      const choices = this.#choices();
      if (choices.length === 0) return;
      await this.world.random.pick(choices)();
    }
  }

  #misfortune(): void {
    const { world } = this;
    const busy = this.#workers.filter(({ receipts }) => receipts.length > 0);
    // Most holes are right behind a landing, so that is where workers like to die.
    const landedJustNow = this.#last?.label.startsWith('commit') === true;
    const victims = landedJustNow ? busy.filter((it) => it === this.#last?.actor) : busy;
    if (victims.length > 0 && world.happens('deaths', landedJustNow ? 0.25 : 0.03)) {
      this.#kill(world.random.pick(victims));
    }
    if (this.#sweep === undefined && world.happens('sweeps', 0.02)) this.#startSweep();
  }

  #deed(): void {
    this.world.left.deeds -= 1;
    partnerActs(this.world);
  }

  #deliver(): void {
    const { world } = this;
    const event = world.random.pick(world.events);
    if (world.happens('duplicates', 0.3)) world.note('EventBridge delivers an event, and keeps it');
    else world.events = world.events.filter((it) => it !== event);
    if (world.happens('losses', 0.2)) world.note('EventBridge loses an event');
    else world.queue.send(event);
  }

  #hire(): void {
    const name = `worker ${(this.#hiredCount += 1)}`;
    this.#workers.push({ name, dead: false, since: 0, receipts: [] });
  }

  async #receive(worker: Worker): Promise<void> {
    const { world } = this;
    const records = world.queue.receive(world.random);
    if (records.length === 0) return;
    this.#watch(work(world, worker, records));
    await rest();
  }

  #kill(worker: Worker): void {
    die(this.world, worker);
    this.#workers = this.#workers.filter((it) => it !== worker);
    this.#hire();
  }

  #startSweep(): void {
    const sweep: Actor = { name: 'sweep', dead: false, since: 0 };
    this.#sweep = sweep;
    const search = { arrivedBefore: Infinity, includeRefused: false };
    const ended = reconcileBucket(INBOX, search, portsOf(this.world, sweep), never).then(
      ({ requeuedCount }) => (this.#requeuedCount = requeuedCount),
      () => {}, // it runs again some time
    );
    this.#watch(ended.finally(() => (this.#sweep = undefined)));
  }

  /** Nothing may fail but through the queue. */
  #watch(task: Promise<unknown>): void {
    task.catch((error: unknown) => {
      this.#accident ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  async run(): Promise<void> {
    const { world } = this;
    await this.#drain();
    world.note('--- the fair ending: nothing goes wrong any more');
    Object.assign(world.left, CALM);
    await this.#sweepUntilQuiet();
    mustHaveEnded(world);
    mustHaveConverged(world);
    if (world.queue.deadLetters.length === 0) return;
    world.note('--- an operator redrives the dead letters');
    world.queue.redrive();
    await this.#sweepUntilQuiet();
    mustHaveConverged(world, { redriven: true });
  }

  async #sweepUntilQuiet(): Promise<void> {
    do {
      await this.#drain();
      this.#requeuedCount = 0;
      this.#startSweep();
      await rest();
      await this.#drain();
    } while (this.#requeuedCount > 0);
  }
}
