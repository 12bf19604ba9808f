export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What may follow the words of a command. */
export type Words = {
  /** `['dead-letters', 'list']`; empty for the program itself. */
  readonly path: readonly string[];
  /** Verbs, or the values of an argument. */
  readonly words: readonly string[];
  readonly options: readonly string[];
};

/** Global options that take a value, which is no word of the command. */
const WITH_VALUE = ['--home', '--stack'];

/** The script that a shell sources. All names are ours, so nothing needs quoting. Pure. */
export function writeCompletion(shell: (typeof SHELLS)[number], all: readonly Words[]): string {
  switch (shell) {
    case 'bash':
      return bash(all);
    case 'zsh':
      // zsh runs bash's completions, but for the names of files.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
    case 'fish':
      return fish(all);
    default:
      return shell satisfies never;
  }
}

function bash(all: readonly Words[]): string {
  const cases = all.map(
    ({ path, words, options }) =>
      `    "${path.join(' ')}") words="${words.join(' ')}"; options="${options.join(' ')}" ;;`,
  );
  return `_airlock_ops() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word="" skip="" words="" options="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    if [[ -n $skip ]]; then skip=""; continue; fi
    case "$word" in
      ${WITH_VALUE.join('|')}) skip=1 ;;
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _airlock_ops airlock-ops`;
}

function fish(all: readonly Words[]): string {
  return [
    'function __airlock_ops_path',
    '  set -l words (commandline -opc)[2..-1]',
    '  set -l skip 0',
    '  for word in $words',
    '    if test $skip = 1; set skip 0; continue; end',
    '    switch $word',
    `      case ${WITH_VALUE.join(' ')}; set skip 1`,
    "      case '-*'; continue",
    "      case '*'; echo $word",
    '    end',
    '  end',
    'end',
    'function __airlock_ops_at; test (string join " " (__airlock_ops_path)) = "$argv[1]"; end',
    'complete -c airlock-ops -f',
    ...all.flatMap(({ path, words, options }) => {
      const here = `complete -c airlock-ops -n '__airlock_ops_at "${path.join(' ')}"'`;
      return [
        ...(words.length > 0 ? [`${here} -a '${words.join(' ')}'`] : []),
        ...options.map((option) => `${here} -l ${option.slice(2)}`),
      ];
    }),
  ].join('\n');
}
