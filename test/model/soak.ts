import { explore, firstBreaking } from './explore.ts';
import { soakUploads } from '../soak/uploads.ts';
import { playMutants } from './mutants.ts';

/**
 * `npm run soak` plays a million schedules from a random seed on, `npm run soak -- 300000 7000000` so many
 * from a named one, and `npm run soak -- mutants` breaks the pipeline on purpose to see that the model notices. `npm run soak -- uploads` leaves the
 * model, and puts a whole Airlock under kills and a full disk.
 */
const [what = '1000000', argument] = process.argv.slice(2);
if (what === 'uploads') process.exitCode = await soakUploads(Number(argument ?? 1_000));
else if (what === 'mutants') process.exitCode = await playMutants(15_000, argument);
else if (what === 'first-breaking') say(`${(await firstBreaking(0, Number(argument))) ?? ''}`);
else await soak(Number(argument ?? Math.floor(Math.random() * 1e9)), Number(what));

async function soak(first: number, count: number): Promise<void> {
  const chunk = 10_000;
  const startedAt = Date.now();
  for (let done = 0; done < count; done += chunk) {
    await explore(first + done, Math.min(chunk, count - done));
    const played = Math.min(done + chunk, count);
    const perSecond = Math.round((played * 1000) / (Date.now() - startedAt));
    say(`${played} schedules from seed ${first} on, ${perSecond} a second`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
