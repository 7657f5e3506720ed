import type { ClientState } from '../../types';

/** One way to go on typing. */
export interface Hint {
  /** What the composer holds once it is taken. */
  text: string;
  /** What the person still has to fill in, as the manifest writes it. */
  rest: string;
  description: string;
}

/** The words of a usage hint: `[request scope,scope | form | help]` → request (scope,scope), form, help. */
export function wordsOf(usageHint: string): { word: string; rest: string }[] {
  return usageHint
    .replace(/^\[|\]$/g, '')
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [word = '', ...rest] = part.split(/\s+/);
      return { word, rest: rest.join(' ') };
    });
}

/** What may follow, going by the manifest alone: commands first, and then the words of the command that stands there. */
export function hintsFor(typed: string, commands: ClientState['commands']): Hint[] {
  if (!typed.startsWith('/')) return [];
  const space = typed.indexOf(' ');
  if (space < 0) {
    return commands
      .filter(({ command }) => command.startsWith(typed))
      .flatMap((command) => [
        { text: command.command, rest: '', description: command.description },
        ...(command.command === typed ? wordHints(command, '') : []),
      ]);
  }
  const command = commands.find((each) => each.command === typed.slice(0, space));
  const begun = typed.slice(space + 1);
  return command ? wordHints(command, begun).filter(({ text }) => text.trimEnd() !== typed) : [];
}

function wordHints({ command, usageHint }: ClientState['commands'][number], begun: string): Hint[] {
  return wordsOf(usageHint)
    .filter(({ word }) => word.startsWith(begun))
    .map(({ word, rest }) => ({ text: `${command} ${word}${rest ? ' ' : ''}`, rest, description: '' }));
}

/** `/permissions request a,b` → the command and its text; nothing where it is no command. */
export function splitCommand(typed: string): { command: string; text: string } | undefined {
  const match = /^(\/\S+)\s*([\s\S]*)$/.exec(typed.trim());
  return match?.[1] ? { command: match[1], text: match[2] ?? '' } : undefined;
}
