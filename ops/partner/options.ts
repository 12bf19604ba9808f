import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { EXIT, OpsError } from '../ops-error.ts';
import { checkReason } from '../reason.ts';
import { parseWholeSize } from '../size.ts';
import { defaultsFor } from './defaults.ts';

const texts = v.optional(v.array(v.string()));

/** The fields and options of a partner's settings; all can be set, and all can be unset. */
const SETTINGS = {
  'display-name': { option: 'displayName', field: ['displayName'] },
  network: { option: 'network', field: ['allowedNetworks'] },
  protocol: { option: 'protocol', field: ['protocols'] },
  space: { option: 'space', field: ['space'] },
  prefix: { option: 'prefix', field: ['landingPrefix'] },
  'home-directory': { option: 'homeDirectory', field: ['homeDirectories'] },
  'home-path': { option: 'homePath', field: ['homePath'] },
  deliver: { option: 'deliver', field: ['policy', 'unscannable'] },
  'max-size': { option: 'maxSize', field: ['policy', 'maxSizeBytes'] },
  allow: { option: 'allow', field: ['policy', 'allowedExtensions'] },
  refuse: { option: 'refuse', field: ['policy', 'refusedExtensions'] },
  contact: { option: 'contact', field: ['contacts'] },
} as const;
type Setting = keyof typeof SETTINGS;
const SETTING_NAMES = Object.keys(SETTINGS);

/** Options for a partner's fields. */
export const FieldOptions = v.object({
  displayName: v.optional(v.string()),
  network: texts,
  protocol: texts,
  space: v.optional(v.string()),
  prefix: v.optional(v.string()),
  homeDirectory: v.optional(v.array(v.object({ entry: v.string(), target: v.string() }))),
  homePath: v.optional(v.string()),
  deliver: texts,
  maxSize: v.optional(v.number()),
  allow: texts,
  refuse: texts,
  contact: v.optional(v.array(v.object({ name: v.string(), email: v.optional(v.string()) }))),
});
export type FieldOptions = v.InferOutput<typeof FieldOptions>;

/** Adds these options to a command; lists are given by repeating an option. */
export function withFieldOptions(command: Command): Command {
  return command
    .option('--display-name <text>', 'human-readable name')
    .option('--network <cidr>', 'network from which the partner may log in; repeatable', collect)
    .option('--protocol <protocol>', 'SFTP or SCP; repeatable', collect)
    .option('--space <space>', 'tenant (a folder of its own) or shared')
    .option('--prefix <folder>', 'folder in the inbox, and so in the landing tree')
    .addOption(
      new Option(
        '--home-directory <entry=target>',
        'home directory, as /in=/${inbox}/acme; repeatable',
      ).argParser(collectHome),
    )
    .option(
      '--home-path <path>',
      'instead: the partner sees real paths and begins at this one, as /${inbox}/acme',
    )
    .option(
      '--deliver <reason>',
      'deliver files that are unscannable for this reason; repeatable',
      collect,
    )
    .option('--max-size <size>', 'refuse larger files: 1500, 10MB, 10MiB', parseWholeSize)
    .option('--allow <extension>', 'accept only files with this extension; repeatable', collect)
    .option('--refuse <extension>', 'refuse files with this extension; repeatable', collect)
    .addOption(
      new Option('--contact <contact>', 'as "Ada <ada@example.com>"; repeatable').argParser(
        collectContact,
      ),
    );
}

/** Adds `--unset`, for a command about an existing partner. */
export function withUnset(command: Command): Command {
  return command.addOption(
    new Option(
      '--unset <setting>',
      'put this setting back to what `add` gives by default: the name of an option above, without --; repeatable',
    ).argParser(collectSetting),
  );
}

/** @throws OpsError for a reason that says nothing, or too much */
export function reasonOf(raw: unknown): string | undefined {
  return checkReason(v.parse(v.object({ reason: v.optional(v.string()) }), raw).reason);
}

/**
 * Puts the options' values into a document. The result may be invalid; the schema is checked later.
 */
export function applyOptions(document: object, options: FieldOptions): object {
  const { displayName, network, protocol, space, homeDirectory, homePath, contact } = options;
  const { policy } = v.parse(Nested, document);
  const { deliver, maxSize, allow, refuse } = options;
  return {
    ...document,
    ...defined({
      displayName,
      allowedNetworks: network,
      protocols: protocol,
      space,
      landingPrefix: withSlash(options.prefix),
      homeDirectories: homeDirectory,
      homePath,
      contacts: contact?.map(({ name, email }) => ({ name, ...defined({ email }) })),
    }),
    policy: {
      ...policy,
      ...defined({
        unscannable: deliver && Object.fromEntries(deliver.map((reason) => [reason, 'deliver'])),
        maxSizeBytes: maxSize,
        allowedExtensions: allow,
        refusedExtensions: refuse,
      }),
    },
  };
}

/**
 * Puts settings back to their defaults.
 *
 * @throws OpsError for a setting that the same command sets
 */
export function unsetFields(
  name: string,
  document: object,
  unset: readonly Setting[],
  options: FieldOptions,
): object {
  const both = unset.find((setting) => options[SETTINGS[setting].option] !== undefined);
  if (both !== undefined) {
    throw new OpsError(`--${both} and --unset ${both} were both given`, {
      how: 'give one of them',
      exitCode: EXIT.usage,
    });
  }
  const gone = new Set(unset.map((setting) => SETTINGS[setting].field.join('.')));
  const { policy, ...others } = v.parse(Nested, document);
  const without = (fields: object, path = ''): object =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => !gone.has(`${path}${field}`)));
  return { ...defaultsFor(name), ...without(others), policy: without(policy, 'policy.') };
}

export const Unset = v.optional(
  v.array(v.custom<Setting>((text) => SETTING_NAMES.some((name) => name === text))),
  [],
);

const Nested = v.looseObject({ policy: v.optional(v.record(v.string(), v.unknown()), {}) });

/** `acme` means `acme/`; empty means the whole inbox. */
function withSlash(prefix: string | undefined): string | undefined {
  return prefix === undefined || prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function collectSetting(text: string, before: readonly string[] = []): readonly string[] {
  if (SETTING_NAMES.includes(text)) return [...before, text];
  throw new InvalidArgumentError(`It must be one of ${SETTING_NAMES.join(', ')}.`);
}

function collectHome(text: string, before: readonly object[] = []): readonly object[] {
  const [, entry, target] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (entry !== undefined && target !== undefined) return [...before, { entry, target }];
  throw new InvalidArgumentError('It must be like /in=/${inbox}/acme.');
}

function collectContact(text: string, before: readonly object[] = []): readonly object[] {
  const [, name, email] = /^([^<]*?)\s*(?:<([^>]*)>)?$/.exec(text) ?? [];
  if (name === undefined || name === '') {
    throw new InvalidArgumentError('It must be like "Ada <ada@example.com>".');
  }
  return [...before, { name, email }];
}
