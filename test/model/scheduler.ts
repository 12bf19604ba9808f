/** Its steps are scheduled, and it may die between any two of them. */
export type Actor = {
  readonly name: string;
  dead: boolean;
  /** When it began its current work. */
  since: number;
};

/** One parked step: what its actor is about to do, or has just done. */
export type Step = { readonly actor: Actor; readonly label: string; readonly go: () => void };

/**
 * Runs concurrent tasks one step at a time. A task parks before and after each of its effects; the
 * model decides which one goes on. The tasks of a dead actor stay parked for good.
 */
export class Scheduler {
  #parked: Step[] = [];
  /** Counts the steps. */
  now = 0;

  get steps(): readonly Step[] {
    return this.#parked;
  }

  /** Parks the caller until the model lets it go on. */
  async park(actor: Actor, label: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!actor.dead) this.#parked.push({ actor, label, go: resolve });
    await promise;
  }

  /** Lets one task go on until it parks again or ends. */
  async run(step: Step): Promise<void> {
    this.now += 1;
    this.#parked = this.#parked.filter((it) => it !== step);
    step.go();
    await rest();
  }

  kill(actor: Actor): void {
    actor.dead = true;
    this.#parked = this.#parked.filter((it) => it.actor !== actor);
  }
}

/** Resolves once all tasks are parked or ended: they wait for nothing else. */
export async function rest(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
