import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { openContext } from './context.ts';
import type { Output } from './output.ts';
import { explainDenial, findQuarantined, listQuarantined } from './quarantine/quarantined-files.ts';
import { type Buckets, findObstacle, release } from './quarantine/release.ts';
import { formatFile, formatList } from './quarantine/format.ts';

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

/** `quarantine`: files that were not delivered. */
export function register(program: Command): void {
  const noun = program
    .command('quarantine')
    .description('files that were not delivered: infected, or not scannable as a whole')
    .addHelpText(
      'after',
      '\nOn AWS only the role that the stack names in SecurityRoleArn has access.',
    );

  noun
    .command('list')
    .description('all of them, oldest first')
    .option('--prefix <prefix>', 'only keys that begin so')
    .addOption(new Option('--verdict <verdict>', 'only these').choices(VERDICTS))
    .action((options: unknown, command: Command) => {
      const { prefix, verdict } = v.parse(Listed, options);
      return open(command, async (s3, { quarantine }, out) => {
        const all = await listQuarantined(s3, quarantine, prefix);
        const wanted = all.filter((file) => verdict === undefined || file.verdict === verdict);
        out.show(wanted, () => formatList(wanted));
      });
    });

  declareForOne(noun.command('show'), 'shows all the evidence on one', (key, { version }) => {
    return async (s3, { quarantine }, out) => {
      const file = await findQuarantined(s3, quarantine, key, version);
      out.show(file, () => formatFile(file));
    };
  });

  declareForOne(
    noun
      .command('release')
      .option(
        '--as <partner>',
        "apply this partner's policy, and count it as its upload",
        partnerName,
      )
      .option('--yes', 'do it; without it, only say whether it could be done'),
    "copies one back into the inbox, to be processed again with today's signatures and policy",
    (key, { version, yes, as }) => {
      return async (s3, buckets, out) => {
        const file = await findQuarantined(s3, buckets.quarantine, key, version);
        const reason = await findObstacle(s3, buckets, file);
        if (yes || reason !== undefined) await release(s3, buckets, file, as);
        out.show({ ...file, isReleased: yes }, () =>
          yes
            ? `${key} is back in the inbox; its copy in quarantine stays.`
            : `${key} could go back into the inbox. Without a change of signatures or policy it ends as before: ${file.verdict}, ${file.finding}. To do it: --yes`,
        );
      };
    },
  );

  declareForOne(
    noun.command('discard').option('--yes', 'do it; without it, only show what would be lost'),
    'deletes one for good, with its evidence; an Object Lock is respected',
    (key, { version, yes }) => {
      return async (s3, { quarantine }, out) => {
        const file = await findQuarantined(s3, quarantine, key, version);
        const Key = file.key;
        const VersionId = file.versionId;
        const command = new DeleteObjectCommand({ Bucket: quarantine, Key, VersionId });
        if (yes) await explainDenial(quarantine, () => s3.send(command));
        out.show({ ...file, isDiscarded: yes }, () =>
          [
            formatFile(file),
            yes ? 'Deleted for good.' : 'This would be deleted for good. To do it: --yes',
          ].join('\n'),
        );
      };
    },
  );
}

/** It becomes part of the metadata entry `name@server`. */
function partnerName(text: string): string {
  if (/^\w[\w@.-]{2,99}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a partner.');
}

/** Declares a command about one file. */
function declareForOne(
  command: Command,
  description: string,
  work: (key: string, chosen: Chosen) => Work,
): void {
  command
    .description(description)
    .argument('<key>')
    .option('--version <id>', 'which one, where the key is there several times')
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
