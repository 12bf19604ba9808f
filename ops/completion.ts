import { Argument, type Command } from 'commander';
import { SHELLS, type Words, writeCompletion } from './completion/scripts.ts';

/** `completion`: what the Tab key offers. */
export function register(noun: Command): void {
  noun
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash:  source <(airlock-ops completion bash)
zsh:   source <(airlock-ops completion zsh)
fish:  airlock-ops completion fish | source
\`npm link\` in the directory of Airlock puts airlock-ops on the PATH.`,
    )
    .action((shell: (typeof SHELLS)[number], _options: unknown, command: Command) => {
      const program = command.parent ?? command;
      console.log(writeCompletion(shell, wordsOf(program)));
    });
}

/** Every command with what may follow it. */
function wordsOf(command: Command, path: readonly string[] = []): readonly Words[] {
  const help = command.createHelp();
  help.showGlobalOptions = true;
  const commands = help.visibleCommands(command).filter((it) => it.name() !== 'help');
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return [
    {
      path,
      words: [...commands.map((it) => it.name()), ...choices],
      options: options.flatMap(({ long }) => long ?? []),
    },
    ...commands.flatMap((it) => wordsOf(it, [...path, it.name()])),
  ];
}
