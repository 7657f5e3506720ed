import { placeOf } from '../../page/place';
import type { PageModel } from '../../page/view/page-context';
import type { ClientMessage, ClientState } from '../../types';

/** A workspace as `/client/state` gives it, with what the test is about put over it. */
export function sampleState(over: Partial<ClientState> = {}): ClientState {
  return {
    team: { id: 'T0SANDBOX', name: 'Sandbox', domain: 'sandbox' },
    appName: 'Scopekeeper',
    users: [
      { id: 'U0ADA', name: 'ada', realName: 'Ada Admin', isAdmin: true, isOwner: false, isBot: false },
      { id: 'U0BEN', name: 'ben', realName: 'Ben Member', isAdmin: false, isOwner: false, isBot: false },
      {
        id: 'U0APP',
        name: 'scopekeeper',
        realName: 'Scopekeeper',
        isAdmin: false,
        isOwner: false,
        isBot: true,
      },
    ],
    me: 'U0BEN',
    channels: [
      { id: 'C0GENERAL', name: 'general', isIm: false },
      { id: 'D0BEN', name: 'Scopekeeper', isIm: true },
    ],
    commands: [{ command: '/permissions', description: 'Ask', usageHint: '[request scope | log]' }],
    shortcuts: [],
    messages: [],
    prompt: null,
    surface: null,
    home: null,
    granted: { U0ADA: [], U0BEN: [] },
    log: [],
    ...over,
  };
}

export function sampleMessage(over: Partial<ClientMessage> = {}): ClientMessage {
  return {
    ts: '1.1',
    channel: 'C0GENERAL',
    ephemeral: true,
    text: 'Hello',
    plain: 'Hello',
    buttons: [],
    blocks: [],
    author: { id: 'U0APP', name: 'scopekeeper' },
    at: 0,
    edited: false,
    values: {},
    ...over,
  };
}

/** The page as Ben sees it. */
export function samplePage(over: Partial<ClientState> = {}): PageModel {
  return placeOf(new URLSearchParams({ user: 'U0BEN' }), (me) => sampleState({ me, ...over }));
}
