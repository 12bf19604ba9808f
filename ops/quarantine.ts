import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { openContext } from './context.ts';
import type { Output } from './output.ts';
import { explained, findKept, listKept } from './quarantine/quarantined-files.ts';
import { type Buckets, release, whyNot } from './quarantine/release.ts';
import { keptWords, listWords } from './quarantine/format.ts';

const VERDICTS = ['infected', 'unscannable'] as const;
const Listed = v.object({
  prefix: v.optional(v.string(), ''),
  verdict: v.optional(v.picklist(VERDICTS)),
});
const Chosen = v.object({
  version: v.optional(v.string()),
  yes: v.optional(v.boolean(), false),
  as: v.optional(v.string()),
});
type Chosen = v.InferOutput<typeof Chosen>;
type Work = (s3: S3Client, buckets: Buckets, out: Output) => Promise<void>;

/** `quarantine`: files that were kept away from the landing tree. */
export function register(program: Command): void {
  const noun = program
    .command('quarantine')
    .description(
      'files that were kept away from the landing tree: infected, or not scannable as a whole',
    )
    .addHelpText(
      'after',
      '\nOn AWS only the role that the stack names in SecurityRoleArn is let in.',
    );

  noun
    .command('list')
    .description('all of them, oldest first')
    .option('--prefix <prefix>', 'only keys that begin so')
    .addOption(new Option('--verdict <verdict>', 'only these').choices(VERDICTS))
    .action((options: unknown, command: Command) => {
      const { prefix, verdict } = v.parse(Listed, options);
      return open(command, async (s3, { quarantine }, out) => {
        const all = await listKept(s3, quarantine, prefix);
        const wanted = all.filter((kept) => verdict === undefined || kept.verdict === verdict);
        out.show(wanted, () => listWords(wanted));
      });
    });

  about(noun.command('show'), 'all the evidence on one', (key, { version }) => {
    return async (s3, { quarantine }, out) => {
      const kept = await findKept(s3, quarantine, key, version);
      out.show(kept, () => keptWords(kept));
    };
  });

  about(
    noun
      .command('release')
      .option(
        '--as <partner>',
        "judge it by this partner's policy, and count it as its upload",
        partnerName,
      )
      .option('--yes', 'do it; without it, only say whether it could be done'),
    "puts one back into the inbox: it arrives once more, and is judged by today's signatures and policy",
    (key, { version, yes, as }) => {
      return async (s3, buckets, out) => {
        const kept = await findKept(s3, buckets.quarantine, key, version);
        const reason = await whyNot(s3, buckets, kept);
        if (yes || reason !== undefined) await release(s3, buckets, kept, as);
        out.show({ ...kept, isReleased: yes }, () =>
          yes
            ? `${key} is back in the inbox; its copy in quarantine stays.`
            : `${key} could go back into the inbox. Without a change of signatures or policy it ends as before: ${kept.verdict}, ${kept.finding}. To do it: --yes`,
        );
      };
    },
  );

  about(
    noun.command('discard').option('--yes', 'do it; without it, only show what would be lost'),
    'deletes one for good, evidence and all; an Object Lock is respected',
    (key, { version, yes }) => {
      return async (s3, { quarantine }, out) => {
        const kept = await findKept(s3, quarantine, key, version);
        const Key = kept.key;
        const VersionId = kept.versionId;
        const command = new DeleteObjectCommand({ Bucket: quarantine, Key, VersionId });
        if (yes) await explained(quarantine, () => s3.send(command));
        out.show({ ...kept, isDiscarded: yes }, () =>
          [
            keptWords(kept),
            yes ? 'Deleted for good.' : 'This would be deleted for good. To do it: --yes',
          ].join('\n'),
        );
      };
    },
  );
}

/** It goes into metadata, where other signs would mean something else. */
function partnerName(text: string): string {
  if (/^\w[\w@.-]{2,99}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a partner.');
}

/** A command about one kept file. */
function about(
  command: Command,
  description: string,
  work: (key: string, chosen: Chosen) => Work,
): void {
  command
    .description(description)
    .argument('<key>')
    .option('--version <id>', 'which, where a key is there several times')
    .action((key: string, options: unknown, itself: Command) =>
      open(itself, work(key, v.parse(Chosen, options))),
    );
}

async function open(command: Command, work: Work): Promise<void> {
  const { target, out } = await openContext(command);
  const s3 = new S3Client(target.settings('s3'));
  const buckets = {
    quarantine: target.physicalId('QuarantineBucket'),
    inbox: target.physicalId('InboxBucket'),
  };
  try {
    await work(s3, buckets, out);
  } finally {
    s3.destroy();
  }
}
