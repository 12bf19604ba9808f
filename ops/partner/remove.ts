import type { Command } from 'commander';
import { describeError } from '../../shared/platform/errors.ts';
import { openContext } from '../context.ts';
import { leaseQueues } from '../dead-letters/leased-messages.ts';
import { interruption } from '../interruption.ts';
import type { Target } from '../target.ts';
import { act } from '../act.ts';
import { EFFECTIVE } from './change.ts';
import { Documents } from './documents.ts';
import { reasonOf } from './options.ts';

/** `partner remove`; also removes an invalid document. */
export async function removePartner(name: string, raw: unknown, command: Command): Promise<void> {
  const reason = reasonOf(raw);
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const stored = await documents.get(name);
  const refused = await countRefused(target, name);
  await act(
    { target, out },
    { command: 'partner remove', reason, parameters: { name } },
    async (note) => {
      await documents.remove(stored);
      note({ kind: 'partner', partner: name });
    },
  );
  const { count, problem } = refused;
  const value = { name, removed: true, ...(count !== undefined && { refusedDeadLetters: count }) };
  out.show(value, () =>
    [
      `${name} was removed; ${EFFECTIVE}; open sessions continue`,
      'Its uploads, what was delivered of them, and what is in quarantine stay.',
      'Its policy is gone: what is still unhandled, redriven or redelivered gets the safe one, which holds every unscannable file and refuses none by name or size.',
      ...(count === undefined
        ? [`Whether its policy had refused any of the dead letters is not known: ${problem}`]
        : []),
      ...(count
        ? [
            `${count} ${count === 1 ? 'dead letter was' : 'dead letters were'} refused by its policy: a redrive would deliver what is clean. \`dead-letters list\` shows them.`,
          ]
        : []),
      `The bucket keeps earlier versions of the document; \`partner add ${name} --document FILE\` brings it back.`,
    ].join('\n'),
  );
}

/** Dead letters that would be delivered if they were redriven without the policy that refused them. */
async function countRefused(
  target: Target,
  name: string,
): Promise<{ readonly count?: number; readonly problem?: string }> {
  try {
    await using leased = await leaseQueues(target, ['ingest'], interruption());
    const refused = leased.messages.filter(
      ({ deadLetter: { code, partner } }) => code === 'POLICY_REFUSED' && partner === name,
    );
    return { count: refused.length };
  } catch (error) {
    // A queue that cannot be read must not keep anybody from locking a partner out.
    return { problem: describeError(error) };
  }
}
