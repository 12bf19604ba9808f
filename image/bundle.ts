// Bundles the functions that run in container images; the bundles are named like their sources.
//
// Usage: node image/bundle.ts DIRECTORY

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const ENTRIES = [
  'functions/ingest/handler.ts',
  'functions/ingest/engine.ts',
  'functions/refresh-signatures/handler.ts',
];

/** Some dependencies are CommonJS and load Node's own modules with `require`. */
const REQUIRE = [
  `import { createRequire as requireFrom } from 'node:module';`,
  `const require = requireFrom(import.meta.url);`,
].join(' ');

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('Usage: node image/bundle.ts DIRECTORY');
await build({
  absWorkingDir: PROJECT,
  entryPoints: ENTRIES,
  outbase: '.',
  outdir: directory,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  sourcemap: true,
  logLevel: 'warning',
});
