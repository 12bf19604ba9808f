import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { describeError } from '../../shared/platform/errors.ts';
import { StoredMessage } from './fauxqs-stores.ts';

const Row = v.object({
  queue: v.string(),
  message: v.pipe(v.string(), v.parseJson(), StoredMessage),
});

/** Writes that failed are tried again after this, and at the next change. */
const RETRY_MS = 1_000;

/**
 * The messages of some queues on disk, so that they survive the process. A change is durable when its method returns;
 * while the disk is full, changes wait in memory, which is reported once.
 */
export class KeptMessages implements Disposable {
  /** No earlier run has kept messages here. */
  readonly isNew: boolean;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #onTrouble: (what: string) => void;
  readonly #waiting: (() => void)[] = [];
  readonly #ids = new Set<string>();
  #retry: NodeJS.Timeout | undefined;

  /** @throws Error when the file cannot be opened */
  constructor(path: string, onTrouble: (what: string) => void) {
    this.isNew = !existsSync(path);
    this.#path = path;
    this.#onTrouble = onTrouble;
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY,
        queue TEXT NOT NULL,
        message TEXT NOT NULL
      ) STRICT;
    `);
    for (const { message } of this.all()) this.#ids.add(message.messageId);
  }

  /** In the order in which they came. */
  all(): readonly v.InferOutput<typeof Row>[] {
    const rows = this.#database.prepare('SELECT queue, message FROM messages ORDER BY rowid').all();
    return rows.map((row) => v.parse(Row, row));
  }

  /** Keeps a message; one that is kept already stays as it is. */
  insert(queue: string, message: StoredMessage): void {
    const { messageId } = message;
    if (this.#ids.has(messageId)) return;
    this.#ids.add(messageId);
    const text = JSON.stringify(message);
    this.#change('INSERT INTO messages (id, queue, message) VALUES (?, ?, ?)', [
      messageId,
      queue,
      text,
    ]);
  }

  /** Nothing happens for a message that is not kept. */
  delete(messageId: string): void {
    if (this.#ids.delete(messageId)) this.#change('DELETE FROM messages WHERE id = ?', [messageId]);
  }

  purge(queue: string): void {
    this.#change('DELETE FROM messages WHERE queue = ?', [queue]);
  }

  [Symbol.dispose](): void {
    this.#apply();
    clearTimeout(this.#retry);
    this.#database.close();
  }

  #change(statement: string, values: readonly string[]): void {
    this.#waiting.push(() => this.#database.prepare(statement).run(...values));
    this.#apply();
  }

  #apply(): void {
    const hadTrouble = this.#retry !== undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      for (let [change] = this.#waiting; change; [change] = this.#waiting) {
        change();
        this.#waiting.shift();
      }
      if (hadTrouble) this.#onTrouble(`${this.#path} can be written again`);
    } catch (error) {
      if (!hadTrouble) {
        const reason = describeError(error);
        this.#onTrouble(
          `${this.#path} cannot be written (${reason}): dead letters are in memory only`,
        );
      }
      this.#retry = setTimeout(() => this.#apply(), RETRY_MS).unref();
    }
  }
}
