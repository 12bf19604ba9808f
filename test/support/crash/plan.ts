import type { SQSEvent } from 'aws-lambda';

/** When the worker that handles a key is to die. */
type Crash = {
  readonly key: string;
  /** How many effects it still has; `undefined`: it lives. */
  readonly afterEffect: number | undefined;
  /** Names every effect in the log. */
  readonly traced: boolean;
};

export const NO_CRASH: Crash = { key: '', afterEffect: undefined, traced: false };

/** Each key has a folder of its own, so that every ingest has the same effects. */
export function tracedKey(kind: string): string {
  return `${kind}@trace/file`;
}

/** The n-th time that a worker handles this key, it dies after so many effects. */
export function crashingKey(kind: string, ...afterEffects: readonly number[]): string {
  return `${kind}@${afterEffects.join('-')}/file`;
}

/** What the key of a batch of one says about the receive that this is. */
export function crashOf({ Records: [record] }: SQSEvent): Crash {
  const event = JSON.parse(record?.body ?? '{}') as {
    detail?: { object?: { key?: string } };
  };
  const key = event.detail?.object?.key ?? '';
  const [, words = ''] = /@([^/]*)/.exec(key) ?? [];
  const receive = Number(record?.attributes.ApproximateReceiveCount);
  const effect = words.split('-')[receive - 1];
  return {
    key,
    traced: words === 'trace',
    afterEffect: effect && /^\d+$/.test(effect) ? Number(effect) : undefined,
  };
}
