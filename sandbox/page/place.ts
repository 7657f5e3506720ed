import type { ClientState } from '../types';
import { HOME, type PageModel } from './view/page-context';

const FIRST_USER = 'U0ADA';

/** What the address asks to see. A user or a channel that does not exist gives way to the first there is. */
export function placeOf(query: URLSearchParams, clientState: (userId: string) => ClientState): PageModel {
  const state = stateFor(query.get('user') ?? FIRST_USER, clientState);
  const asked = query.get('channel');
  const channel = state.channels.find(({ id }) => id === asked) ?? state.channels[0];
  const open = asked === HOME ? HOME : channel?.id;
  return {
    state,
    channel: open ?? '',
    pane: query.get('pane') === 'panel' ? 'panel' : 'chat',
    unread: {},
    drafts: {},
    waiting: 0,
    notice: '',
    live: false,
  };
}

function stateFor(userId: string, clientState: (userId: string) => ClientState): ClientState {
  const first = clientState(FIRST_USER);
  const exists = first.users.some(({ id, isBot }) => id === userId && !isBot);
  return exists && userId !== FIRST_USER ? clientState(userId) : first;
}
