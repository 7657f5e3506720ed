import type { Message } from '../../services/messages/messenger';
import { section } from './text';

/** A message for an admin, with the private link to the page in the browser under it. */
export function withAdminLink({ text, blocks }: Message, url: string): Message {
  const link = section(
    `<${url}|Open the grant log in your browser>. The link is yours alone: good once, for five minutes.`,
  );
  return { text, blocks: [...(blocks ?? [section(text)]), link] };
}
