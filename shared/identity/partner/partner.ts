import * as v from 'valibot';
import { parseNetwork } from './network.ts';
import { PasswordHash } from './password.ts';
import { HomeDirectory, HomePath } from './home-directory.ts';
import { PartnerPolicy } from './partner-policy.ts';
import { findOverlap, hasSafeSegments } from './paths.ts';
import { PartnerKey } from './partner-key.ts';

/** https://docs.aws.amazon.com/transfer/latest/userguide/API_CreateUser.html (UserName) */
export const USER_NAME = /^\w[\w@.-]{2,99}$/;

const text = (what: string) => v.pipe(v.string('must be text'), v.nonEmpty(`must be ${what}`));

/** A partner's document, `partners/<name>.json` in the config bucket; see docs/partners.md. */
export const Partner = v.pipe(
  v.strictObject({
    $schema: v.exactOptional(
      v.pipe(v.string('must be text'), v.description('Where editors find this schema.')),
    ),
    version: v.pipe(v.literal(1, 'must be 1'), v.description('Version of this shape.')),
    name: v.pipe(
      v.string('must be text'),
      v.regex(USER_NAME, 'must be 3 to 100 of A-Z a-z 0-9 _ @ . - and not begin with @ . or -'),
      v.description('The SFTP user name.'),
    ),
    displayName: v.pipe(text('a human-readable name'), v.description('Human-readable name.')),
    enabled: v.pipe(v.boolean('must be true or false'), v.description('false: logins are denied.')),
    password: v.exactOptional(PasswordHash),
    publicKeys: v.pipe(
      v.array(PartnerKey, 'must be a list'),
      v.maxLength(50, 'must have at most 50 keys'),
    ),
    allowedNetworks: v.pipe(
      v.array(
        v.pipe(
          v.string('must be text'),
          v.check(isNetwork, 'must be an address or a network like 192.0.2.0/24 or 2001:db8::/32'),
        ),
        'must be a list',
      ),
      v.nonEmpty('must not be empty; 0.0.0.0/0 and ::/0 allow every address'),
      v.description('IPv4 and IPv6 networks from which the partner may log in.'),
    ),
    protocols: v.pipe(
      v.array(v.picklist(['SFTP', 'SCP'], 'must be "SFTP" or "SCP"'), 'must be a list'),
      v.nonEmpty('must not be empty; set enabled to false to lock a partner out'),
      v.description('SCP means `scp -O`, which the gateway supports and Transfer Family does not.'),
    ),
    space: v.pipe(
      v.picklist(['tenant', 'shared'], 'must be "tenant" (a folder of its own) or "shared"'),
      v.description(
        'tenant: no other partner sees the folder. shared: other partners may use it, too.',
      ),
    ),
    landingPrefix: v.pipe(
      v.string('must be text'),
      v.check(
        (prefix) => prefix === '' || (prefix.endsWith('/') && hasSafeSegments(prefix.slice(0, -1))),
        'must be a folder like acme/ with a slash at its end, without ".", ".." or empty parts and without the characters * ? $ { } " \\',
      ),
      v.maxLength(512, 'must be at most 512 characters long'),
      v.description("The partner's folder in the inbox, and so in the landing tree."),
    ),
    homeDirectories: v.exactOptional(
      v.pipe(
        v.array(HomeDirectory, 'must be a list'),
        v.nonEmpty('must not be empty; leave it out for the landing folder as /'),
        v.check(
          (homes) => findOverlap(homes.map(({ entry }) => entry)) === undefined,
          'must not have an entry below another; Transfer Family does not support that, and / allows no second one',
        ),
        v.description('Paths that the partner sees; by default, the landing folder as /.'),
      ),
    ),
    homePath: v.exactOptional(HomePath),
    policy: v.exactOptional(PartnerPolicy, {}),
    contacts: v.exactOptional(
      v.array(
        v.strictObject({
          name: text('a name'),
          email: v.exactOptional(
            v.pipe(v.string('must be text'), v.email('must be an e-mail address')),
          ),
        }),
        'must be a list',
      ),
      [],
    ),
  }),
  v.forward(
    v.check(
      ({ space, landingPrefix }) => space === 'shared' || landingPrefix !== '',
      'must not be empty for a tenant, which cannot own the whole inbox; name a folder, or make the space "shared"',
    ),
    ['landingPrefix'],
  ),
  v.forward(
    v.check(
      ({ homePath, homeDirectories }) => homePath === undefined || homeDirectories === undefined,
      'must not be there together with homeDirectories; leave one of them out',
    ),
    ['homePath'],
  ),
);
export type Partner = v.InferOutput<typeof Partner>;

function isNetwork(network: string): boolean {
  return parseNetwork(network) !== undefined;
}
