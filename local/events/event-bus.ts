import { setTimeout as sleep } from 'node:timers/promises';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { BusEvent } from './bus-event.ts';
import { deliver, type DeliveryPorts, type Drop } from './deliver.ts';
import { matchesEvent } from './pattern.ts';
import { Rules, type Rule, type RuleInput } from './rules.ts';
import type { Target } from './target.ts';

export type EventBusOptions = {
  readonly region: string;
  readonly accountId: string;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** The URL of the queue with this ARN. */
  readonly queueUrl: (arn: string) => string;
  /** Called for every event that reached neither its target nor a dead-letter queue. */
  readonly onDropped?: (drop: Drop) => void;
  /** Waits between retries; replaceable in tests. */
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** How long a closing bus waits for pending deliveries. Default: 1000. */
  readonly drainMs?: number;
};

/**
 * The default event bus: rules, their targets, and delivery to SQS and SNS. Rules are matched
 * when an event is published; a rule that changes later does not change where that event goes.
 */
export class EventBus implements AsyncDisposable {
  readonly arn: string;
  readonly #rules: Rules;
  readonly #ports: DeliveryPorts;
  readonly #listeners = new Set<(event: BusEvent) => void>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #drainMs: number;

  constructor(options: EventBusOptions) {
    const { region, accountId, sqs, sns, queueUrl } = options;
    this.arn = `arn:aws:events:${region}:${accountId}:event-bus/default`;
    this.#drainMs = options.drainMs ?? 1000;
    this.#rules = new Rules(region, accountId);
    this.#ports = {
      sqs,
      sns,
      queueUrl,
      onDropped: (drop) => callSafely(() => options.onDropped?.(drop)),
      delay: options.delay ?? ((ms, signal) => sleep(ms, undefined, { signal })),
      signal: this.#closing.signal,
    };
  }

  /** Creates or replaces a rule, keeping its targets. @throws {EventBridgeError} */
  putRule(rule: RuleInput): Rule {
    return this.#rules.put(rule);
  }

  /** @throws {EventBridgeError} if there is no such rule */
  describeRule(name: string): Rule {
    return this.#rules.get(name);
  }

  /** Every rule with its targets, by name. */
  listRules(): readonly Rule[] {
    return this.#rules.list();
  }

  /** @throws {EventBridgeError} if there is no such rule */
  setRuleEnabled(name: string, enabled: boolean): void {
    this.#rules.setEnabled(name, enabled);
  }

  /** @throws {EventBridgeError} while the rule has targets */
  deleteRule(name: string): void {
    this.#rules.delete(name);
  }

  /** Adds or replaces targets by id. @throws {EventBridgeError} for one that cannot be served */
  putTargets(rule: string, targets: readonly Target[]): void {
    this.#rules.putTargets(rule, targets);
  }

  /** Returns the ids the rule did not have. @throws {EventBridgeError} */
  removeTargets(rule: string, ids: readonly string[]): readonly string[] {
    return this.#rules.removeTargets(rule, ids);
  }

  /** Calls the listener with every event published from now on; returns a function that stops it. */
  subscribe(listener: (event: BusEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sends the event to the targets of every matching rule. Resolves when each delivery has ended at
   * the target, in a dead-letter queue or in a reported drop; never rejects. PutEvents on AWS does
   * not wait for targets, so the caller need not either.
   */
  async publish(event: BusEvent, options: { readonly traceHeader?: string } = {}): Promise<void> {
    const matching = this.#rules.list().filter(({ enabled, pattern }) => {
      return enabled && matchesEvent(pattern, event);
    });
    const deliveries = matching.flatMap((rule) =>
      rule.targets.map((target) =>
        deliver({ rule, target, event, traceHeader: options.traceHeader }, this.#ports),
      ),
    );
    for (const listener of this.#listeners) callSafely(() => listener(event));
    const all = Promise.all(deliveries);
    this.#pending.add(all);
    await all;
    this.#pending.delete(all);
  }

  /** Waits for pending deliveries up to `drainMs`, then drops and reports the rest. */
  async [Symbol.asyncDispose](): Promise<void> {
    const drained = Promise.all(this.#pending);
    const giveUp = () => this.#closing.abort(new Error('the event bus closed'));
    const timer = setTimeout(giveUp, this.#drainMs);
    await drained;
    clearTimeout(timer);
    giveUp(); // events published from now on are reported as dropped
    this.#listeners.clear();
  }
}

// An error in a listener must not affect delivery.
function callSafely(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    process.emitWarning(`a listener of the event bus threw: ${String(error)}`);
  }
}
