import { logEvents } from '../../services/grants/log/entry';
import type { Message } from '../../services/messages/messenger';
import { code, codeList, joinParts, section, truncate } from './text';

const MAX_WORDS_SHOWN = 5;
const MAX_WORD_LENGTH = 50;

/** Made on demand: the first `Intl.ListFormat` of a process takes milliseconds, which a start would pay for. */
const toKinds = () => [
  `• a person: ${code('@ben')}, chosen from the list that Slack shows while you type, or their member ID, such as ${code('U012AB3CD')}`,
  `• a permission: ${code('dnd:write:user')}`,
  `• what happened: ${new Intl.ListFormat('en', { type: 'disjunction' }).format(logEvents.map(code))}`,
  `• a day: ${code('today')}, ${code('yesterday')}, or ${code('week')} for the last seven`,
];

/** Names the words of `/permissions log` that cannot be read, and what can be typed. */
export function logHelpMessage({ unknown, tooMany }: { unknown: string[]; tooMany: string[] }): Message {
  const faults = [
    unknown.length === 0 ? undefined : `The log cannot be searched for ${toList(unknown)}.`,
    tooMany.length === 0 ? undefined : `One of a kind at a time: ${toList(tooMany)} is one too many.`,
  ];
  const opening = joinParts(faults, ' ');
  return {
    text: opening,
    blocks: [
      section(
        `${opening}\n*What can stand after ${code('/permissions log')}, in any order*\n${toKinds().join('\n')}`,
      ),
    ],
  };
}

function toList(words: readonly string[]): string {
  return codeList(words.slice(0, MAX_WORDS_SHOWN).map((word) => truncate(word, MAX_WORD_LENGTH)));
}
