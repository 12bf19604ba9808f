import { EventBridgeError } from './errors.ts';
import { InvalidEventPattern } from './pattern/invalid-event-pattern.ts';
import { parseEventPattern, type EventPattern } from './pattern.ts';
import { checkTarget, type Target } from './target.ts';

/** "Targets per rule". https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_TARGETS = 5;

export type RuleInput = {
  readonly name: string;
  /** JSON text or an object. */
  readonly pattern: unknown;
  /** Default: true. */
  readonly enabled?: boolean;
  readonly description?: string;
};

export type Rule = {
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly description?: string;
  /** The pattern as JSON text. */
  readonly patternText: string;
  readonly pattern: EventPattern;
  readonly targets: readonly Target[];
};

/** The rules of one bus. Every method throws an {@link EventBridgeError} where AWS refuses. */
export class Rules {
  readonly #rules = new Map<string, Rule>();
  readonly #arnPrefix: string;

  constructor(region: string, accountId: string) {
    this.#arnPrefix = `arn:aws:events:${region}:${accountId}:rule/`;
  }

  /** Creates or replaces a rule; a replaced one keeps its targets. */
  put({ name, pattern, enabled = true, description }: RuleInput): Rule {
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
      throw new EventBridgeError('ValidationException', `"${name}" is not a name for a rule.`);
    }
    const rule: Rule = {
      name,
      arn: this.#arnPrefix + name,
      enabled,
      ...(description !== undefined && { description }),
      patternText: typeof pattern === 'string' ? pattern : JSON.stringify(pattern),
      pattern: parsePattern(pattern),
      targets: this.#rules.get(name)?.targets ?? [],
    };
    this.#rules.set(name, rule);
    return rule;
  }

  get(name: string): Rule {
    const rule = this.#rules.get(name);
    if (rule !== undefined) return rule;
    throw new EventBridgeError(
      'ResourceNotFoundException',
      `Rule ${name} does not exist on EventBus default.`,
    );
  }

  list(): readonly Rule[] {
    return [...this.#rules.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  setEnabled(name: string, enabled: boolean): void {
    this.#rules.set(name, { ...this.get(name), enabled });
  }

  /** Deleting a rule that does not exist is not an error. */
  delete(name: string): void {
    if ((this.#rules.get(name)?.targets.length ?? 0) > 0) {
      throw new EventBridgeError(
        'ValidationException',
        "Rule can't be deleted since it has targets.",
      );
    }
    this.#rules.delete(name);
  }

  /** Adds targets, replacing those with the same id. */
  putTargets(name: string, targets: readonly Target[]): void {
    const rule = this.get(name);
    const byId = new Map(rule.targets.map((target) => [target.id, target]));
    for (const target of targets) byId.set(target.id, checkTarget(target));
    if (byId.size > MAX_TARGETS) {
      throw new EventBridgeError(
        'LimitExceededException',
        'The requested resource exceeds the maximum number allowed.',
      );
    }
    this.#rules.set(name, { ...rule, targets: [...byId.values()] });
  }

  /** Returns the ids that did not exist. */
  removeTargets(name: string, ids: readonly string[]): readonly string[] {
    const rule = this.get(name);
    const targets = rule.targets.filter(({ id }) => !ids.includes(id));
    this.#rules.set(name, { ...rule, targets });
    return ids.filter((id) => !rule.targets.some((target) => target.id === id));
  }
}

/** {@link parseEventPattern}, with AWS's error. */
export function parsePattern(pattern: unknown): EventPattern {
  try {
    return parseEventPattern(pattern);
  } catch (error) {
    if (!(error instanceof InvalidEventPattern)) throw error;
    throw new EventBridgeError('InvalidEventPatternException', error.message);
  }
}
