import { Command, InvalidArgumentError, Option } from 'commander';

/** The command line of `npm run gateway`. */
export type GatewayArguments = {
  readonly bucket: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly host: string;
  readonly port: number;
  readonly home: string;
  readonly partners?: string;
  readonly configBucket?: string;
  readonly identityFunction?: string;
  readonly serverId: string;
  readonly events?: string;
  readonly drain: number;
  readonly idle: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerPartner: number;
};

const EXAMPLES = `
One of --partners, --config-bucket and --identity-function says who may log in.
Credentials for S3 come from where the AWS SDK looks for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,
a profile, or the role of the machine. The log, one JSON line per event, goes to standard output.
SIGTERM and Ctrl-C stop it: open uploads may finish, no new files are opened. A second one stops at once.

Examples:
  npm run gateway -- --bucket inbox --endpoint http://127.0.0.1:9000 --partners ./partners
  npm run gateway -- --bucket my-inbox --region eu-central-1 --config-bucket my-config --host 0.0.0.0 --port 22`;

/** @throws CommanderError for --help, too; its message has been printed */
export function parseArguments(args: readonly string[]): GatewayArguments {
  return new Command('gateway')
    .description(
      'An SFTP and SCP server whose files are the objects of S3 buckets. See docs/gateway.md.',
    )
    .requiredOption('--bucket <name>', 'the inbox, and the value of ${inbox} in partner documents')
    .option('--endpoint <url>', 'of an S3 other than AWS')
    .option('--region <region>', 'of the buckets (default: from the environment)')
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .option('--port <number>', 'to listen on; 0 takes any free port', wholeNumber(0, 65_535), 2222)
    .option('--home <directory>', 'where the host key is kept', '.airlock-gateway')
    .addOption(
      new Option(
        '--partners <directory>',
        'with partner documents <name>.json, see docs/partners.md',
      ).conflicts(['configBucket', 'identityFunction']),
    )
    .addOption(
      new Option(
        '--config-bucket <name>',
        'a bucket with partner documents partners/<name>.json',
      ).conflicts('identityFunction'),
    )
    .option(
      '--identity-function <arn>',
      'a Lambda function that is an identity provider for AWS Transfer Family',
    )
    .option(
      '--server-id <id>',
      'the name of this server in metadata, events and requests',
      's-gateway',
    )
    .option(
      '--events <bus>',
      'an EventBridge bus that receives events of transfers, with the source airlock.gateway',
    )
    .option(
      '--drain <seconds>',
      'how long open uploads may take to finish when the server stops',
      wholeNumber(0, 86_400),
      30,
    )
    .option(
      '--idle <minutes>',
      'after which a connection without requests is closed',
      wholeNumber(1, 1_440),
      30,
    )
    .option('--max-connections <count>', 'at once, at 10 MB each', wholeNumber(1, 100_000), 200)
    .option('--max-connections-per-partner <count>', 'at once', wholeNumber(1, 100_000), 20)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'gateway: ')) })
    .exitOverride()
    .action(() => {})
    .parse(args, { from: 'user' })
    .opts<GatewayArguments>();
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
