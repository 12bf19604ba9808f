import * as v from 'valibot';

/** Names the shape below; a breaking change gets a new number. */
export const SCHEMA = 'airlock.endpoint-finding/1';

const text = (description: string) =>
  v.pipe(v.string(), v.minLength(1), v.description(description));
const texts = (description: string) => v.pipe(v.array(v.string()), v.description(description));

const ServerPart = v.object({
  id: text('`s-...`'),
  arn: v.exactOptional(text('Absent where the server could not be read.')),
  state: v.exactOptional(text('`ONLINE`, `OFFLINE`, ...; a stopped server can be started again.')),
  endpointType: v.exactOptional(text('`PUBLIC`, `VPC` or `VPC_ENDPOINT`.')),
  protocols: v.exactOptional(texts('`SFTP`, `FTPS`, `FTP`, `AS2`.')),
  vpcId: v.exactOptional(text('Of a VPC endpoint.')),
  subnetIds: v.exactOptional(texts('Of a VPC endpoint.')),
  vpcEndpointId: v.exactOptional(text('The interface endpoint, `vpce-...`.')),
  addressAllocationIds: v.exactOptional(
    texts('Elastic IP addresses; with any, it is internet-facing.'),
  ),
});

/** The event about one server, or about something that could not be inspected. */
export const Finding = v.object({
  schema: v.pipe(v.literal(SCHEMA), v.description('Name and version of this shape.')),
  id: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{32}$/),
    v.description('The same in every audit while nothing has changed.'),
  ),
  code: v.pipe(
    v.picklist([
      'ENDPOINT_PUBLIC',
      'ENDPOINT_INTERNET_FACING',
      'ENDPOINT_INTERNAL',
      'ENDPOINT_LEGACY',
      'ENDPOINT_UNKNOWN',
      'SERVER_UNREADABLE',
      'REGION_UNREADABLE',
      'REGION_WITHOUT_TRANSFER',
      'REGIONS_UNLISTED',
    ]),
    v.description('Stable name of what was found.'),
  ),
  severity: v.pipe(
    v.picklist(['passed', 'low', 'medium', 'high']),
    v.description('`passed` needs no action.'),
  ),
  at: v.pipe(v.string(), v.isoTimestamp(), v.description('When it was found. ISO 8601, UTC.')),
  region: text('Its region; for `REGIONS_UNLISTED`, where the audit ran.'),
  server: v.exactOptional(
    v.pipe(ServerPart, v.description('Absent when the finding is about a region.')),
  ),
  what: text('What was found, in a sentence.'),
  why: text('Why it matters, in a sentence.'),
  advice: text('What to do, in a sentence.'),
});
export type Finding = v.InferOutput<typeof Finding>;
