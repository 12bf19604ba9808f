import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer } from './row.ts';

/**
 * Increasing numbers, also across restarts and when the clock goes back: microseconds since 1970, or one more than the
 * last. Below 2^53 until the year 2255.
 */
export class Sequence {
  readonly #next: StatementSync;

  constructor(database: DatabaseSync) {
    this.#next = database.prepare(
      'UPDATE counter SET value = max(value + 1, ?) RETURNING value AS value',
    );
  }

  /** Call within a transaction: the number is as durable as what it numbers. */
  next(): number {
    const row = this.#next.get(Date.now() * 1000);
    if (row === undefined) throw new Error('the counter is missing');
    return integer(row, 'value');
  }
}
