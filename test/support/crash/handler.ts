/**
 * The ingest function with a bomb in it: stands in for its handler in a test's copy of the
 * template. The object's key says when it goes off (see plan.ts).
 */
import { writeSync } from 'node:fs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { crashOf, NO_CRASH } from './plan.ts';
import { watchEffects } from './effects.ts';

let plan = NO_CRASH;
let effectCount = 0;

await watchEffects((name) => {
  effectCount += 1;
  if (plan.traced) say({ effect: name, effectCount });
  if (effectCount === plan.afterEffect) {
    say({ crash: plan.key, effect: name });
    process.kill(process.pid, 'SIGKILL');
  }
});
const ingest = await import('../../../functions/ingest/handler.ts');

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  plan = crashOf(event);
  effectCount = 0;
  if (plan.afterEffect === 0) {
    say({ crash: plan.key, effect: 'nothing yet' });
    process.kill(process.pid, 'SIGKILL');
  }
  const response = await ingest.handler(event, context);
  if (plan.traced) say({ traced: plan.key, effectCount });
  plan = NO_CRASH;
  return response;
}

/** Synchronously: it may be the last thing this process does. */
function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
