import * as v from 'valibot';

/** Names the shape below; a breaking change gets a new number. */
export const ACT_SCHEMA = 'airlock.operator-act/1';

const text = (description: string) =>
  v.pipe(v.string(), v.minLength(1), v.description(description));

const Who = v.object({
  kind: v.pipe(
    v.picklist(['aws', 'os']),
    v.description('`aws`: the caller that STS names; `os`: a user of a machine.'),
  ),
  name: text("ARN of the AWS identity, or name of the operating system's user."),
  host: v.exactOptional(text('The machine; for `os` alone.')),
});

/** One thing that an act changed. */
export const ActSubject = v.object({
  kind: v.pipe(
    v.picklist(['dead-letter', 'upload', 'quarantined-file', 'partner', 'signatures', 'server']),
    v.description('What was changed.'),
  ),
  id: v.exactOptional(text('Message id, version of signatures, or id of the server.')),
  partner: v.exactOptional(text('The partner that it belongs to, or that was changed.')),
  bucket: v.exactOptional(text('Of an upload or a quarantined file.')),
  key: v.exactOptional(text('As uploaded.')),
  versionId: v.exactOptional(text('Version of that key.')),
  code: v.exactOptional(text('Why it was a dead letter.')),
  result: v.exactOptional(text('What became of it, where the command waited for that.')),
});
export type ActSubject = v.InferOutput<typeof ActSubject>;

/** What an operator did, as History and auditors read it. docs/acts.md explains it to them. */
export const OperatorAct = v.object({
  schema: v.pipe(v.literal(ACT_SCHEMA), v.description('Name and version of this shape.')),
  id: text('Of this act; the same when the event is delivered again.'),
  at: v.pipe(v.string(), v.isoTimestamp(), v.description('When it ended. ISO 8601, UTC.')),
  who: v.pipe(Who, v.description('Who did it.')),
  command: text('The command, `dead-letters remove`.'),
  reason: v.exactOptional(text('Why, in the words of who did it.')),
  parameters: v.pipe(
    v.record(v.string(), v.unknown()),
    v.description('The options that were given; never a secret.'),
  ),
  outcome: v.pipe(
    v.picklist(['done', 'partly', 'failed']),
    v.description('`partly`: what is in `subjects` was changed before an error.'),
  ),
  error: v.exactOptional(text('What went wrong.')),
  subjects: v.pipe(
    v.array(ActSubject),
    v.description('What was changed; the first of them, where they are too many for an event.'),
  ),
  subjectCount: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.description('How many were changed.'),
  ),
});
export type OperatorAct = v.InferOutput<typeof OperatorAct>;

/**
 * Bytes of subjects in one event. EventBridge takes 256 KB an entry, and the rest of an act is small.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const MAX_SUBJECT_BYTES = 200_000;

/** As many of the subjects as one event holds, from the first. */
export function fittingSubjects(subjects: readonly ActSubject[]): ActSubject[] {
  let bytes = 0;
  const firstBeyond = subjects.findIndex((subject) => {
    bytes += Buffer.byteLength(JSON.stringify(subject)) + 1;
    return bytes > MAX_SUBJECT_BYTES;
  });
  return firstBeyond < 0 ? [...subjects] : subjects.slice(0, firstBeyond);
}
