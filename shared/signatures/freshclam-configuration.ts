export type Mirrors = {
  /** Host name, or URL of a private mirror; empty for none. */
  readonly official: string;
  /** URLs of further database files. */
  readonly custom: readonly string[];
};

/** freshclam does not start without a mirror, even when it is to use none. */
const NO_MIRROR = '127.0.0.1';

/**
 * freshclam.conf. https://docs.clamav.net/manual/Usage/Configuration.html#freshclamconf
 *
 * @param directory where freshclam keeps the database
 * @param owner the user that freshclam switches to when started by root
 */
export function freshclamConfiguration(directory: string, mirrors: Mirrors, owner: string): string {
  const isPrivate = /^https?:/.test(mirrors.official);
  const official: readonly (readonly [string, string])[] = isPrivate
    ? [['PrivateMirror', mirrors.official]]
    : [['DatabaseMirror', mirrors.official || NO_MIRROR]];
  const lines = [
    ['DatabaseDirectory', directory],
    ['DatabaseOwner', owner],
    ...official,
    ...mirrors.custom.map((url) => ['DatabaseCustomURL', url] as const),
    // The DNS record with the current versions exists for ClamAV's own mirrors only.
    ...(isPrivate || mirrors.official === '' ? [['DNSDatabaseInfo', 'no'] as const] : []),
    // Load each file once before it replaces the old one.
    ['TestDatabases', 'yes'],
    ['ScriptedUpdates', isPrivate ? 'no' : 'yes'],
    ['ConnectTimeout', '30'],
    ['ReceiveTimeout', '300'],
    ['MaxAttempts', '3'],
  ];
  return lines.map(([name, value]) => `${name} ${value}\n`).join('');
}
