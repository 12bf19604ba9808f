import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import * as v from 'valibot';
import type { ActSubject } from '../../shared/acts/operator-act.ts';
import { showInvisible } from '../../shared/platform/control-characters.ts';
import { act } from '../act.ts';
import { Documents } from '../partner/documents.ts';
import { checkReason, requireReason } from '../reason.ts';
import { formatFile } from './format.ts';
import { withBuckets } from './open-buckets.ts';
import { explainDenial, findQuarantined, type QuarantinedFile } from './quarantined-files.ts';
import { findObstacle, release } from './release.ts';

const Options = v.object({
  version: v.optional(v.string()),
  yes: v.optional(v.boolean(), false),
  as: v.optional(v.string()),
  reason: v.optional(v.string()),
});

/** `quarantine release` */
export async function releaseOne(key: string, raw: unknown, command: Command): Promise<void> {
  const { version, yes, as, reason: given } = v.parse(Options, raw);
  const reason = checkReason(given);
  await withBuckets(command, async (s3, buckets, context) => {
    const { target, out } = context;
    if (as !== undefined) {
      using documents = new Documents(target);
      // A name that nobody has would get the safe policy, and hold the file again.
      await documents.get(as);
    }
    const file = await findQuarantined(s3, buckets.quarantine, key, version);
    const obstacle = await findObstacle(s3, buckets, file);
    if (yes || obstacle !== undefined) {
      const parameters = { key, version: file.versionId, ...(as !== undefined && { as }) };
      const deed = { command: 'quarantine release', reason, parameters };
      await act(context, deed, async (note) => {
        await release(s3, buckets, file, as);
        note(subjectOf(file, buckets.quarantine));
      });
    }
    out.show({ ...file, isReleased: yes }, () =>
      showInvisible(
        yes
          ? `${key} is back in the inbox; its copy in quarantine stays.`
          : `${key} could go back into the inbox. Without a change of signatures or policy it ends as before: ${file.verdict}, ${file.finding}. To do it: --yes`,
      ),
    );
  });
}

/** `quarantine discard` */
export async function discardOne(key: string, raw: unknown, command: Command): Promise<void> {
  const { version, yes, reason: given } = v.parse(Options, raw);
  await withBuckets(command, async (s3, { quarantine }, context) => {
    const file = await findQuarantined(s3, quarantine, key, version);
    if (yes) {
      const reason = await requireReason(given, 'discarding a file and its evidence');
      const { key: Key, versionId: VersionId, sha256 } = file;
      const parameters = { key: Key, version: VersionId, sha256 };
      await act(context, { command: 'quarantine discard', reason, parameters }, async (note) => {
        const remove = new DeleteObjectCommand({ Bucket: quarantine, Key, VersionId });
        await explainDenial(quarantine, () => s3.send(remove));
        note(subjectOf(file, quarantine));
      });
    }
    context.out.show({ ...file, isDiscarded: yes }, () =>
      [
        formatFile(file),
        yes
          ? 'Deleted for good, with this evidence.'
          : 'This would be deleted for good. To do it: --yes --reason TEXT',
      ].join('\n'),
    );
  });
}

function subjectOf({ key, versionId, verdict }: QuarantinedFile, bucket: string): ActSubject {
  return { kind: 'quarantined-file', bucket, key, versionId, result: verdict };
}
