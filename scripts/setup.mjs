// Makes this clone ready: dependencies by `npm ci`, Node 24 through the `node` dependency, and the
// programs named as arguments. Says what it installs, and does nothing where nothing is missing.
//
// Usage: node scripts/setup.mjs [clamd] [sftp]
//
// Runs on whatever Node (>= 20) the machine has, so it is plain JavaScript without dependencies.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;

/** Daemons live where a user's PATH often does not lead. */
const PROGRAM_DIRECTORIES = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/opt/homebrew/sbin',
];

/** The command that installs each program, by package manager. */
const PROGRAMS = {
  clamd: {
    'apt-get': 'apt-get install -y --no-install-recommends clamav-daemon',
    dnf: 'dnf install -y clamd',
    apk: 'apk add clamav-daemon',
    pacman: 'pacman -S --noconfirm clamav',
    zypper: 'zypper install -y clamav',
    brew: 'brew install clamav',
  },
  sftp: {
    'apt-get': 'apt-get install -y --no-install-recommends openssh-client',
    dnf: 'dnf install -y openssh-clients',
    apk: 'apk add openssh-client',
    pacman: 'pacman -S --noconfirm openssh',
    zypper: 'zypper install -y openssh-clients',
    brew: 'brew install openssh',
  },
};

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
requireNode();
installDependencies();
for (const program of process.argv.slice(2)) installProgram(program);

function requireNode() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < OLDEST_NODE) {
    stop(`Node ${OLDEST_NODE} or newer is needed to begin with; this is ${process.version}.`);
  }
}

function installDependencies() {
  if (dependenciesAreCurrent()) return;
  say('installing the dependencies (npm ci) ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!dependenciesAreCurrent()) {
    stop('npm ci ended well, but node_modules is not what package-lock.json asks for.');
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

/** npm records what it installed; every package that is not optional must be there, as locked. */
function dependenciesAreCurrent() {
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const present = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return present[path]?.version === version || (optional && !present[path]);
  });
}

function installProgram(program) {
  if (isInstalled(program)) return;
  const installers = PROGRAMS[program] ?? {};
  const manager = Object.keys(installers).find(isInstalled);
  if (manager === undefined) {
    stop(
      `${program} is missing. Install it (clamd comes with ClamAV, sftp with OpenSSH) and try again.`,
    );
  }
  const command = installers[manager];
  const isRoot = process.getuid?.() === 0;
  if (manager !== 'apt-get' || !isRoot) {
    stop(
      `${program} is missing. Install it and try again: ${manager === 'brew' ? '' : 'sudo '}${command}`,
    );
  }
  say(`installing ${program} (${command}) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], env);
  const [name, ...words] = command.split(' ');
  run(name, [words[0], '-qq', ...words.slice(1)], env);
  if (!isInstalled(program)) stop(`${command} ended well, but ${program} is still missing.`);
}

function isInstalled(program) {
  return PROGRAM_DIRECTORIES.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command, words, env = process.env) {
  const { status, error } = spawnSync(command, words, {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    stop(
      `"${command} ${words.join(' ')}" failed${error ? `: ${error.message}` : ''}; what it printed is above.`,
    );
  }
}

function say(words) {
  console.error(`setup: ${words}`);
}

function stop(why) {
  console.error(`setup: ${why}`);
  process.exit(1);
}
