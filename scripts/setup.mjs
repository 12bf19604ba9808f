// Sets up this clone: dependencies by `npm ci`, Node 24 through the `node` dependency, and the
// programs named as arguments. Prints what it installs; does nothing if nothing is missing. Programs
// after --optional may fail to install.
//
// Usage: node scripts/setup.mjs [clamd] [7zz] [bsdtar] [qpdf] [freshclam] [sftp] [--optional sftp-server lftp rclone paramiko]
//
// Runs on the machine's own Node (>= 20), so it is plain JavaScript without dependencies.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;

/** Daemons are often not on a user's PATH. */
const PROGRAM_DIRECTORIES = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/opt/homebrew/sbin',
  // sftp-server is started by sshd alone.
  '/usr/lib/openssh',
  '/usr/libexec/openssh',
  '/usr/libexec',
  '/usr/lib/ssh',
];

/** The package of each program, by package manager. */
const PROGRAMS = {
  clamd: {
    'apt-get': 'clamav-daemon',
    dnf: 'clamd',
    apk: 'clamav-daemon',
    pacman: 'clamav',
    zypper: 'clamav',
    brew: 'clamav',
  },
  freshclam: {
    'apt-get': 'clamav-freshclam',
    dnf: 'clamav-freshclam',
    apk: 'freshclam',
    pacman: 'clamav',
    zypper: 'clamav',
    brew: 'clamav',
  },
  '7zz': {
    'apt-get': '7zip',
    dnf: '7zip-standalone',
    apk: '7zip',
    pacman: '7zip',
    zypper: '7zip',
    brew: 'sevenzip',
  },
  bsdtar: {
    'apt-get': 'libarchive-tools',
    dnf: 'bsdtar',
    apk: 'libarchive-tools',
    pacman: 'libarchive',
    zypper: 'bsdtar',
    brew: 'libarchive',
  },
  qpdf: {
    'apt-get': 'qpdf',
    dnf: 'qpdf',
    apk: 'qpdf',
    pacman: 'qpdf',
    zypper: 'qpdf',
    brew: 'qpdf',
  },
  sftp: {
    'apt-get': 'openssh-client',
    dnf: 'openssh-clients',
    apk: 'openssh-client',
    pacman: 'openssh',
    zypper: 'openssh-clients',
    brew: 'openssh',
  },
  'sftp-server': { 'apt-get': 'openssh-sftp-server' },
  lftp: { 'apt-get': 'lftp' },
  rclone: { 'apt-get': 'rclone' },
  paramiko: { 'apt-get': 'python3-paramiko' },
};

const INSTALL = {
  'apt-get': 'apt-get install -y --no-install-recommends',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --noconfirm',
  zypper: 'zypper install -y',
  brew: 'brew install',
};

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
requireNode();
installDependencies();
installPrograms(process.argv.slice(2));

function requireNode() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE) {
    stop(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}.`);
  }
}

function installDependencies() {
  if (dependenciesAreCurrent()) return;
  say('installing the dependencies (npm ci) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!dependenciesAreCurrent()) {
    stop('npm ci succeeded, but node_modules does not match package-lock.json.');
  }
  compileForNode24();
}

/**
 * `npm ci` compiled ssh2's crypto for the Node that ran it; the runtime runs on Node 24. The headers
 * come with the `node` package, so nothing is downloaded. Without a compiler ssh2 is slower, not broken.
 */
function compileForNode24() {
  const node = 'node_modules/.bin/node';
  const npm = process.env.npm_execpath;
  if (npm === undefined || process.version === nodeVersion(node)) return;
  const packages = 'node_modules/node/node_modules';
  const withHeaders = readdirSync(packages).find((name) =>
    existsSync(join(packages, name, 'include')),
  );
  const { status } = spawnSync(node, [npm, 'rebuild', 'ssh2', 'cpu-features', '--loglevel=error'], {
    env: { ...process.env, npm_config_nodedir: resolve(packages, withHeaders ?? '') },
    stdio: 'ignore',
  });
  if (status !== 0) say("ssh2's native crypto could not be compiled; SFTP will be slower.");
}

function nodeVersion(node) {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

/** npm records what it installed; every package that is not optional must match the lock file. */
function dependenciesAreCurrent() {
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const present = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return present[path]?.version === version || (optional && !present[path]);
  });
}

function installPrograms(args) {
  const isMissing = (name) => !isInstalled(name);
  const firstOptional = args.indexOf('--optional');
  const [needed, optional] =
    firstOptional < 0 ? [args, []] : [args.slice(0, firstOptional), args.slice(firstOptional + 1)];
  const required = needed.filter(isMissing);
  const wanted = [...required, ...optional.filter(isMissing)];
  if (wanted.length === 0) return;
  const canInstall = process.getuid?.() === 0 && isInstalled('apt-get');
  if (!canInstall && required.length > 0) stop(howToInstall(required));
  if (canInstall) install(wanted, required);
  for (const name of wanted.filter(isMissing)) {
    if (required.includes(name)) stop(`${name} was installed, but is still missing.`);
    say(`${name} is missing; the tests that need it will be SKIPPED.`);
  }
}

/** All at once; if that fails, only the required ones. */
function install(names, required) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [program, ...args] = aptInstall(names);
  say(`installing ${names.join(', ')} (${program} ${args.join(' ')}) ...`);
  const options = { env, stdio: ['ignore', 'inherit', 'inherit'] };
  const isUpdated = spawnSync('apt-get', ['update', '-qq'], options).status === 0;
  if (isUpdated && spawnSync(program, args, options).status === 0) return;
  if (required.length > 0) run(program, aptInstall(required).slice(1), env);
}

function aptInstall(names) {
  const packages = names.map((name) => PROGRAMS[name]['apt-get']);
  return [...INSTALL['apt-get'].split(' '), '-qq', ...packages];
}

function howToInstall(names) {
  const manager = Object.keys(INSTALL).find(isInstalled);
  const packages = names.map((name) => PROGRAMS[name]?.[manager]);
  const what = `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing.`;
  if (manager === undefined || packages.includes(undefined)) {
    return `${what} Install it (clamd and freshclam come with ClamAV, sftp with OpenSSH, 7zz with 7-Zip, bsdtar with libarchive) and try again.`;
  }
  const sudo = manager === 'brew' ? '' : 'sudo ';
  return `${what} Install it and try again: ${sudo}${INSTALL[manager]} ${packages.join(' ')}`;
}

function isInstalled(program) {
  // Only Debian's Python has Debian's packages; the first one on the PATH may be another.
  if (program === 'paramiko') {
    return (
      spawnSync('/usr/bin/python3', ['-c', 'import paramiko'], { stdio: 'ignore' }).status === 0
    );
  }
  return PROGRAM_DIRECTORIES.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    stop(
      `"${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ''}; see its output above.`,
    );
  }
}

function say(text) {
  console.error(`setup: ${text}`);
}

function stop(why) {
  console.error(`setup: ${why}`);
  process.exit(1);
}
