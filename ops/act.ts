import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ActSubject, OperatorAct } from '../shared/acts/operator-act.ts';
import { describeError } from '../shared/platform/errors.ts';
import { EXIT, OpsError } from './ops-error.ts';
import type { Output } from './output.ts';
import type { Target } from './target.ts';

/** What is about to be done. */
export type Act = {
  /** `dead-letters remove` */
  readonly command: string;
  readonly reason: string | undefined;
  /** The options that were given; never a secret. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

/** Where it is done, and recorded. */
type Place = { readonly target: Pick<Target, 'kind' | 'settings'>; readonly out: Output };

/** A subject whose result may become known later. */
type Noted = { -readonly [Field in keyof ActSubject]: ActSubject[Field] };

const RECORD_MS = 15_000;

/**
 * Does something that changes an installation, and leaves one record of it: an event on the bus
 * (docs/acts.md) with who, when, why, what, and how it ended. An act that fails is recorded with what it
 * had changed; one that found nothing to change, or was refused, is not recorded.
 *
 * The record comes last, and is no condition: where it cannot be made, the operator is told, and the
 * exit code is `failed`.
 *
 * @param work calls `note` for each thing that it has changed
 * @throws what `work` throws
 */
export async function act<T>(
  place: Place,
  { command, reason, parameters }: Act,
  work: (note: (subject: Noted) => void) => Promise<T>,
): Promise<T> {
  const subjects: Noted[] = [];
  const record = async (failure?: unknown): Promise<void> => {
    if (subjects.length === 0 && failure === undefined) return;
    await leaveRecord(place, {
      command,
      ...(reason !== undefined && { reason }),
      parameters,
      outcome: outcomeOf(subjects.length, failure),
      ...(failure !== undefined && { error: describeError(failure) }),
      subjects,
      subjectCount: subjects.length,
    });
  };
  try {
    const result = await work((subject) => subjects.push(subject));
    await record();
    return result;
  } catch (error) {
    // An explained refusal has changed nothing; after any other error nobody knows.
    if (subjects.length > 0 || !(error instanceof OpsError)) await record(error);
    throw error;
  }
}

function outcomeOf(subjectCount: number, failure: unknown): OperatorAct['outcome'] {
  if (failure === undefined) return 'done';
  return subjectCount > 0 ? 'partly' : 'failed';
}

async function leaveRecord(
  { target, out }: Place,
  facts: Omit<OperatorAct, 'schema' | 'id' | 'at' | 'who'>,
): Promise<void> {
  try {
    // Loaded on demand: only commands that change something need them.
    const [{ EventBridgeClient }, { putAct }, { ACT_SCHEMA, fittingSubjects }] = await Promise.all([
      import('@aws-sdk/client-eventbridge'),
      import('../shared/acts/eventbridge-acts.ts'),
      import('../shared/acts/operator-act.ts'),
    ]);
    const events = new EventBridgeClient(target.settings('eventbridge'));
    try {
      const record = {
        schema: ACT_SCHEMA,
        id: randomUUID(),
        at: new Date().toISOString(),
        who: await whoActs(target),
        ...facts,
        subjects: fittingSubjects(facts.subjects),
      } as const;
      await putAct(events, record, AbortSignal.timeout(RECORD_MS));
    } finally {
      events.destroy();
    }
  } catch (error) {
    out.note(
      `NOT RECORDED: \`${facts.command}\` changed ${facts.subjectCount}, but who did it and why could not be put on the event bus: ${describeError(error)}. It needs events:PutEvents.`,
    );
    process.exitCode = EXIT.failed;
  }
}

/** The caller as AWS knows it, or the user of this machine. */
async function whoActs(target: Place['target']): Promise<OperatorAct['who']> {
  if (target.kind === 'local') return thisUser();
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(target.settings('sts'));
  try {
    const command = new GetCallerIdentityCommand();
    const { Arn } = await sts.send(command, { abortSignal: AbortSignal.timeout(RECORD_MS) });
    return Arn === undefined ? thisUser() : { kind: 'aws', name: Arn };
  } catch {
    // No access to STS is no reason to leave no record.
    return thisUser();
  } finally {
    sts.destroy();
  }
}

function thisUser(): OperatorAct['who'] {
  return { kind: 'os', name: userName(), host: hostname() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in /etc/passwd, as in containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
