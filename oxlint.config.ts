import { defineConfig, type OxlintOverride } from 'oxlint';

/**
 * The rooms of the tree and what each may import: the whole of it is this table, and lint holds it.
 * A room that is not named in another one's list may not be imported from there.
 */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  model: ['platform'],
  s3: ['model', 'platform'],
  parse: ['model', 'platform'],
  decide: ['model', 'platform'],
  stage: ['model', 'platform'],
  scan: ['model', 'platform'],
  open: ['model', 'platform'],
  commit: ['model', 'platform', 's3'],
  notify: ['model', 'platform'],
  queue: ['model', 'platform'],
  inbox: ['model', 'platform', 's3'],
  identity: ['model', 'platform', 's3'],
  acts: ['platform'],
  audit: ['platform', 's3'],
  'dead-letters': ['model', 'platform', 'queue'],
  engine: ['model', 'platform', 'scan'],
  signatures: ['engine', 'model', 'platform', 's3', 'scan'],
  // These two join the rooms above.
  pipeline: 'commit decide identity inbox model notify open parse platform queue scan stage'.split(
    ' ',
  ),
  reconcile: ['inbox', 'model', 'parse', 'pipeline', 'platform', 'queue'],
};

/** The gateway, from the top: a layer imports those below it, but sftp and scp never each other. */
const GATEWAY: Readonly<Record<string, readonly string[]>> = {
  ssh: ['sftp', 'scp', 'transfers', 'session', 'storage', 'protocol'],
  sftp: ['transfers', 'session', 'storage', 'protocol'],
  scp: ['transfers', 'session', 'storage', 'protocol'],
  transfers: ['session', 'storage', 'protocol'],
  session: ['storage', 'protocol'],
  storage: ['protocol'],
  protocol: [],
};

/** The top folders, and which of the others each may import. */
const TOP: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  functions: ['shared'],
  image: ['functions', 'shared'],
  gateway: ['shared'],
  local: ['gateway', 'shared'],
  ops: ['shared'],
  // Files to copy: they need nothing of ours.
  examples: [],
};
const TOOLS = ['test', 'bench', 'scripts'];

/** Names of files that may touch what their name says: `s3-settler.ts`, `clamd-engine.ts`. */
const TECHNOLOGIES =
  's3 sqs sns eventbridge transfer account disk efs clamd freshclam archive sevenzip bsdtar qpdf'.split(
    ' ',
  );
const EFFECTS =
  'node:fs node:fs/promises node:net node:http node:https node:child_process clamscan'.split(' ');
const NAMED = `Only files named after a technology (${TECHNOLOGIES.join('-, ')}-) touch it.`;

/** Folders whose files are all of one technology. */
const NAMED_FOLDERS = [
  'shared/s3/**',
  'shared/scan/{archive,clamd}/**',
  'shared/open/{sandbox,mime}/**',
];

type Pattern = { group: string[]; message: string };
type Path = { name: string; allowImportNames?: string[]; message: string };

function restrict(
  files: string[],
  patterns: readonly Pattern[],
  paths: readonly Path[] = [],
): OxlintOverride {
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { paths: [...paths], patterns: [...patterns] }] },
  };
}

/** What a file below `top` may not import of the other top folders. */
function foreign(top: string): Pattern {
  const allowed = TOP[top] ?? [];
  const others = [...Object.keys(TOP), ...TOOLS].filter(
    (it) => it !== top && !allowed.includes(it),
  );
  return {
    group: others.map((it) => `**/${it}/**`),
    message: `${top}/ imports ${['itself', ...allowed.map((it) => `${it}/`)].join(', ')} alone.`,
  };
}

/** What a file in `room` may not import of the rooms beside it. */
function beside(
  rooms: Readonly<Record<string, readonly string[]>>,
  room: string,
): readonly Pattern[] {
  const allowed = rooms[room] ?? [];
  const others = Object.keys(rooms).filter((it) => it !== room && !allowed.includes(it));
  if (others.length === 0) return [];
  const message = `${room}/ imports ${allowed.join(', ') || 'nothing'} alone; oxlint.config.ts has the table.`;
  // Another top folder may have a room of the same name; `foreign` judges that.
  const group = [...others.map((it) => `../**/${it}/**`), '!**/shared/**'];
  return [{ group, message }];
}

const aws: Pattern = { group: ['@aws-sdk/*'], message: NAMED };

const sharedRooms = Object.keys(SHARED).flatMap((room) => {
  const bounds = [foreign('shared'), ...beside(SHARED, room)];
  const effects = EFFECTS.map((name) =>
    name === 'node:net' && room === 'identity'
      ? { name, allowImportNames: ['BlockList', 'isIP'], message: 'Networks are compared here.' }
      : { name, message: NAMED },
  );
  const named = [
    `shared/${room}/**/{${TECHNOLOGIES.join(',')}}-*.ts`,
    ...NAMED_FOLDERS.filter((folder) => folder.startsWith(`shared/${room}/`)),
  ];
  return [
    restrict([`shared/${room}/**`], [...bounds, aws], effects),
    // The last match counts.
    restrict(named, bounds),
  ];
});

const gatewayRooms = Object.keys(GATEWAY).map((room) =>
  restrict([`gateway/${room}/**`], [foreign('gateway'), ...beside(GATEWAY, room)]),
);

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'node', 'promise', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    'unicorn/prefer-node-protocol': 'error',
    'no-console': 'error',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
  },
  overrides: [
    ...['functions', 'image', 'gateway', 'local', 'ops', 'examples'].map((top) =>
      restrict([`${top}/**`], [foreign(top)]),
    ),
    ...sharedRooms,
    ...gatewayRooms,
    {
      files: ['test/**', 'bench/**'],
      rules: {
        'typescript/consistent-type-assertions': 'off',
        'vitest/require-mock-type-parameters': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
        'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*'] }],
        // A `test` extended by fixtures is not imported from vitest, and then not recognised.
        'vitest/no-standalone-expect': [
          'error',
          { additionalTestBlockFunctions: ['test', 'test.for'] },
        ],
        'typescript/no-unsafe-type-assertion': 'off',
        'typescript/unbound-method': 'off',
        'typescript/no-meaningless-void-operator': 'off',
        'unicorn/consistent-function-scoping': 'off',
        'import/no-named-as-default-member': 'off',
      },
    },
    {
      files: ['gateway/**', 'local/**', 'ops/**', 'bench/**', 'scripts/**', 'examples/**'],
      rules: { 'no-console': 'off' },
    },
  ],
});
