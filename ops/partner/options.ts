import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';

const texts = v.optional(v.array(v.string()));

/** Options for a partner's fields. */
export const FieldOptions = v.object({
  displayName: v.optional(v.string()),
  network: texts,
  protocol: texts,
  space: v.optional(v.string()),
  prefix: v.optional(v.string()),
  homeDirectory: v.optional(v.array(v.object({ entry: v.string(), target: v.string() }))),
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
      '--deliver <reason>',
      'deliver files that are unscannable for this reason; repeatable',
      collect,
    )
    .option('--max-size <bytes>', 'refuse larger files', wholeNumber)
    .option('--allow <extension>', 'accept only files with this extension; repeatable', collect)
    .option('--refuse <extension>', 'refuse files with this extension; repeatable', collect)
    .addOption(
      new Option('--contact <contact>', 'as "Ada <ada@example.com>"; repeatable').argParser(
        collectContact,
      ),
    );
}

/**
 * Puts the options' values into a document. The result may be invalid; the schema is checked later.
 */
export function applyOptions(document: object, options: FieldOptions): object {
  const { displayName, network, protocol, space, homeDirectory, contact } = options;
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

const Nested = v.object({ policy: v.optional(v.record(v.string(), v.unknown()), {}) });

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

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function collectHome(text: string, before: readonly object[] = []): readonly object[] {
  const [, entry, target] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (entry !== undefined && target !== undefined) return [...before, { entry, target }];
  throw new InvalidArgumentError('It must be like /in=/${inbox}/acme.');
}

function collectContact(text: string, before: readonly object[] = []): readonly object[] {
  const [, name, email] = /^([^<]*?)\s*(?:<([^>]*)>)?$/.exec(text) ?? [];
  return [...before, { name: name ?? text, email }];
}
