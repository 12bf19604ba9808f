// Compiles the runtime interface client of the container images, so that the tests can run them as
// Lambda would. Takes about a minute, once. If that fails, the tests of the images are skipped;
// nothing else needs it.
//
// Usage: node scripts/setup-image.mjs
//
// Runs on the machine's own Node (>= 20), so it is plain JavaScript without dependencies.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The build tools, and Debian's package of each. */
const TOOLS = { 'g++': 'g++', make: 'make', cmake: 'cmake', python3: 'python3', xz: 'xz-utils' };

const CLIENT = 'node_modules/aws-lambda-ric';
const QUIET = ['ignore', 'ignore', 'inherit'];

process.chdir(fileURLToPath(new URL('../image', import.meta.url)));
if (!isCompiled()) compile();

function isCompiled() {
  if (!existsSync(join(CLIENT, 'rapid-client.node'))) return false;
  const wanted = JSON.parse(readFileSync('package.json', 'utf8')).dependencies['aws-lambda-ric'];
  return JSON.parse(readFileSync(join(CLIENT, 'package.json'), 'utf8')).version === wanted;
}

function compile() {
  if (process.platform !== 'linux') return skip('it can only be compiled on Linux');
  installTools();
  const missing = missingTools();
  if (missing.length > 0) return skip(`${missing.join(', ')} missing`);
  say('compiling the runtime interface client of the container images (about a minute) ...');
  const headers = directoryOfHeaders();
  const env = { ...process.env, ...(headers && { npm_config_nodedir: headers }) };
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { env, stdio: QUIET })
    : spawnSync('npm', args, { env, stdio: QUIET });
  if (status !== 0 || !isCompiled()) skip('it could not be compiled; see the output above');
}

function installTools() {
  const missing = missingTools();
  if (missing.length === 0 || process.getuid?.() !== 0 || !isOnPath('apt-get')) return;
  say(`installing ${missing.join(', ')} ...`);
  const packages = missing.map((tool) => TOOLS[tool]);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: QUIET };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

function missingTools() {
  return Object.keys(TOOLS).filter((tool) => !isOnPath(tool));
}

/** Without it node-gyp downloads Node's headers from nodejs.org. */
function directoryOfHeaders() {
  const path = (process.env.PATH ?? '').split(delimiter);
  const places = [process.execPath, ...path.map((directory) => join(directory, 'node'))].map(
    (node) => dirname(dirname(node)),
  );
  return places.find((place) => existsSync(join(place, 'include/node/node_api.h')));
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function skip(why) {
  say(`no runtime interface client (${why}); the tests of the container images will be SKIPPED.`);
}

function say(text) {
  console.error(`setup: ${text}`);
}
