import * as v from 'valibot';

/** Sent to an execution environment. */
export const Invocation = v.object({
  requestId: v.string(),
  event: v.unknown(),
  /** Epoch milliseconds at which the function is killed. */
  deadlineAt: v.number(),
});
export type Invocation = v.InferOutput<typeof Invocation>;

/** Sent back: `ready` once, then one of the others per invocation. */
export const Reply = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('result'), result: v.unknown() }),
  v.object({ kind: v.literal('error'), error: v.string() }),
]);
export type Reply = v.InferOutput<typeof Reply>;
