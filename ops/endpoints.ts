import type { Command } from 'commander';
import * as v from 'valibot';
import { EXIT, OpsError } from './ops-error.ts';
import { createOutput } from './output.ts';
import { checkReason, withReason } from './reason.ts';

const Globals = v.object({ json: v.optional(v.boolean(), false) });
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').filter(Boolean)),
);
const Options = v.object({
  region: v.optional(v.array(v.string()), []),
  remediate: v.optional(v.string()),
  vpc: v.optional(v.string()),
  subnets: v.optional(list, ''),
  securityGroups: v.optional(list, ''),
  waitS: v.pipe(v.string(), v.regex(/^[1-9]\d*$/), v.transform(Number)),
  yes: v.optional(v.boolean(), false),
  reason: v.optional(v.string()),
});
type Options = v.InferOutput<typeof Options>;

/** `endpoints`: from where the SFTP servers of an AWS account can be reached. */
export function register(noun: Command): void {
  withReason(noun.command('audit'))
    .description(
      'checks every Transfer Family server of the account, in every enabled region; exit code ' +
        `${EXIT.no} if one needs action. Region and credentials come from the environment`,
    )
    .option('--region <region...>', 'only these regions')
    .option(
      '--remediate <server>',
      'move this public server into a VPC; without --yes only shows the plan',
    )
    .option('--vpc <id>', 'with --remediate: the VPC')
    .option('--subnets <ids>', 'with --remediate: its subnets, comma-separated, one per zone')
    .option('--security-groups <ids>', "with --remediate; default: the VPC's default group")
    .option('--wait-s <seconds>', 'with --remediate: how long a stop or a start may take', '900')
    .option('--yes', 'with --remediate: do it')
    .action(async (options: unknown, command: Command) => {
      const { json } = v.parse(Globals, command.optsWithGlobals());
      await run(parseOptions(options), json);
    });
}

async function run(options: Options, json: boolean): Promise<void> {
  const { region, remediate: serverId, vpc, subnets, securityGroups, waitS, yes, reason } = options;
  const out = createOutput(json);
  if (serverId === undefined) {
    const stray = yes || vpc !== undefined || subnets.length + securityGroups.length > 0;
    if (stray) throw usage('--vpc, --subnets, --security-groups and --yes need --remediate SERVER');
    const { audit } = await import('./endpoints/audit.ts');
    return await audit(region, out);
  }
  if (vpc === undefined || subnets.length === 0) {
    throw usage('--remediate needs --vpc and --subnets, to move the server to');
  }
  if (region.length > 1) throw usage('--remediate takes one --region, that of the server');
  const destination = { vpcId: vpc, subnetIds: subnets, securityGroupIds: securityGroups };
  const { remediate } = await import('./endpoints/remediate.ts');
  const apply = { reason: checkReason(reason) };
  await remediate(
    {
      serverId,
      region: region[0],
      destination,
      apply: yes && apply,
      waitMs: waitS * 1000,
    },
    out,
  );
}

function parseOptions(options: unknown): Options {
  const parsed = v.safeParse(Options, options);
  if (parsed.success) return parsed.output;
  throw usage(parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('; '));
}

function usage(what: string): OpsError {
  return new OpsError(what, { how: 'ops endpoints audit --help', exitCode: EXIT.usage });
}
