import { useEffect, useRef } from 'preact/hooks';
import { Composer } from './composer';
import { Message } from './message';
import { Nothing } from './nothing';
import { Notice } from './notice';
import { usePage } from './page-context';

/** The middle: one channel's messages, as the chosen person sees them, and the composer. */
export function Channel() {
  const { state, channel } = usePage();
  const open = state.channels.find(({ id }) => id === channel);
  const me = state.users.find(({ id }) => id === state.me);
  const title = open ? `${open.isIm ? '' : '#'}${open.name}` : channel;
  return (
    <section class="channel" aria-label={`${title}, seen by ${me?.realName ?? state.me}`}>
      <header class="channel-head">
        <h2>{title}</h2>
        <p>
          seen by <strong>{me?.realName ?? state.me}</strong>
        </p>
      </header>
      <Messages />
      <Notice />
      <Composer />
    </section>
  );
}

function Messages() {
  const { state, channel, actions } = usePage();
  const list = useRef<unknown>(null);
  const messages = state.messages.filter((message) => message.channel === channel);
  const newest = messages.at(-1)?.ts;
  useEffect(() => actions.scrollToEnd(list.current), [newest, state.me, channel]);
  return (
    <div
      class="messages"
      role="log"
      aria-label="Messages"
      aria-live="polite"
      ref={(element) => {
        list.current = element;
      }}
    >
      {messages.length === 0 ? <Nothing /> : null}
      {messages.map((message) => (
        <Message key={`${state.me} ${message.ts}`} message={message} />
      ))}
    </div>
  );
}
