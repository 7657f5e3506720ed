import type { ComponentChildren } from 'preact';
import { type MrkdwnNode, parseMrkdwn } from './mrkdwn';
import { usePage } from './page-context';
import { dateText } from './time';

/** Slack's markup as elements. Preact escapes every text; nothing here is ever set as HTML. */
export function MrkdwnText({ text }: { text: string }) {
  return <>{parseMrkdwn(text).map(show)}</>;
}

function show(node: MrkdwnNode): ComponentChildren {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'break':
      return <br />;
    case 'bold':
      return <strong>{node.children.map(show)}</strong>;
    case 'italic':
      return <em>{node.children.map(show)}</em>;
    case 'strike':
      return <s>{node.children.map(show)}</s>;
    case 'quote':
      return <blockquote>{node.children.map(show)}</blockquote>;
    case 'code':
      return <code>{node.text}</code>;
    case 'pre':
      return <pre>{node.text}</pre>;
    case 'link':
      return (
        <a href={node.url} target="_blank" rel="noopener noreferrer">
          {node.label}
        </a>
      );
    case 'user':
      return <Mention userId={node.id} />;
    case 'mention':
      return <span class="mention">{node.label}</span>;
    case 'date':
      return <time dateTime={new Date(node.at).toISOString()}>{dateText(node.at, node.format)}</time>;
  }
}

function Mention({ userId }: { userId: string }) {
  const { state } = usePage();
  const user = state.users.find(({ id }) => id === userId);
  return <span class={userId === state.me ? 'mention mention-me' : 'mention'}>@{user?.name ?? userId}</span>;
}
