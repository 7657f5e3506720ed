import { toObjects } from '../../json';
import type { ClientMessage } from '../../types';
import { Avatar } from './avatar';
import { Blocks } from './blocks/blocks';
import { FieldPlace } from './blocks/field-place';
import { MrkdwnText } from './mrkdwn-text';
import { usePage } from './page-context';
import { clockTime } from './time';

export function Message({ message }: { message: ClientMessage }) {
  const { state } = usePage();
  const { author, at, edited, ephemeral, ts, values } = message;
  const blocks = toObjects(message.blocks);
  const isApp = state.users.some(({ id, isBot }) => id === author.id && isBot);
  const name = isApp ? state.appName : author.name;
  return (
    <article class={ephemeral ? 'message message-private' : 'message'}>
      <Avatar id={author.id} name={name} />
      <div class="message-body">
        <header class="message-head">
          <strong>{name}</strong>
          {isApp ? <span class="tag">app</span> : null}
          <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
          {edited ? <span class="message-note">edited</span> : null}
        </header>
        {ephemeral ? <p class="message-note">Only you can see this</p> : null}
        <FieldPlace value={{ key: ts, target: { messageTs: ts }, values, errors: {} }}>
          {blocks.length > 0 ? (
            <Blocks blocks={blocks} />
          ) : (
            <div class="mrkdwn">
              <MrkdwnText text={message.text} />
            </div>
          )}
        </FieldPlace>
      </div>
    </article>
  );
}
