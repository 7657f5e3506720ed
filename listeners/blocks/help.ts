import type { Message } from '../../services/messages/messenger';
import { code, escapeText, section } from './text';

const LINES = [
  [`/permissions`, 'what you granted, what can be asked of you and why'],
  [`/permissions request dnd:write:user,users.profile:write:user`, 'ask for these at once'],
  [`/permissions form`, 'ask with a form, and say why'],
  [`/permissions status`, 'what you granted, and since when'],
  [`/permissions revoke`, 'take back what you granted'],
  [`/permissions log`, 'the latest entries of the grant log (admins)'],
  [
    `/permissions log @ben denied week`,
    'of one person, permission, event or day: any words in any order (admins)',
  ],
  [`/permissions sync`, 'compare the record with what Slack holds, and mend it (admins)'],
  [`/permissions help`, 'this'],
] as const;

/** `unknownWord`: the first word typed, where it is no command. */
export function helpMessage(unknownWord?: string): Message {
  const lines = LINES.map(([command, meaning]) => `• ${code(command)}: ${meaning}`);
  const opening = unknownWord === undefined ? '' : `There is no ${code(unknownWord)} here. `;
  return {
    text: `${opening}What you can type: ${LINES.map(([command]) => escapeText(command)).join(', ')}`,
    blocks: [section(`${opening}*What you can type*\n${lines.join('\n')}`)],
  };
}
