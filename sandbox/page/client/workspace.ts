import type { ClientDo, ClientState } from '../../types';
import type { PageActions, PageModel, Place } from '../view/page-context';
import { HOME, placeUrl } from '../view/page-context';
import { focusInvalid, keepFocus, scrollToEnd, showModal } from './focus';
import { createReadMarks } from './read-marks';
import { doInWorkspace, followChanges, readState } from './server';

/** Holds what is on screen. It asks the server after every change: the workspace itself is never kept twice. */
export function createWorkspace({ model: first, onChange }: { model: PageModel; onChange: () => void }) {
  const marks = createReadMarks();
  let model = first;
  let reading = false;
  let readAgain = false;

  const change = (part: Partial<PageModel>) => {
    model = { ...model, ...part };
    onChange();
  };
  const show = (state: ClientState, place: Place) => {
    const unread = marks.count(state, place.channel);
    change({ state, channel: place.channel, pane: place.pane, unread });
    document.title = titleOf(model);
  };
  const here = (): Place => ({ user: model.state.me, channel: model.channel, pane: model.pane });

  /** One read at a time; a change that comes meanwhile asks for one more, and never for two. */
  async function refresh(): Promise<void> {
    if (reading) {
      readAgain = true;
      return;
    }
    reading = true;
    do {
      readAgain = false;
      const state = await readState(model.state.me).catch(() => undefined);
      if (state && state.me === model.state.me) show(state, here());
    } while (readAgain);
    reading = false;
  }

  async function act(action: ClientDo): Promise<void> {
    change({ waiting: model.waiting + 1, notice: '' });
    const notice = await doInWorkspace(action, model.state.appName);
    change({ waiting: model.waiting - 1, notice });
    await refresh();
  }

  async function move(place: Place): Promise<void> {
    const state = place.user === model.state.me ? model.state : await readState(place.user, { sign_in: '1' });
    const isThere = place.channel === HOME || state.channels.some(({ id }) => id === place.channel);
    const channel = isThere ? place.channel : (state.channels.find(({ isIm }) => isIm)?.id ?? place.channel);
    change({ notice: '' });
    show(state, { ...place, channel });
    openHome();
  }

  /** Slack tells the app whenever somebody looks at its home. */
  function openHome(): void {
    if (model.channel === HOME) void act({ user: model.state.me, do: 'open_home' });
  }

  const actions: PageActions = {
    act: (action) => void act(action),
    go(place) {
      history.pushState(null, '', placeUrl(place));
      void move(place);
    },
    saveDraft(key, blockId, actionId, value) {
      const drafts = model.drafts[key] ?? {};
      const block = { ...drafts[blockId], [actionId]: value };
      change({ drafts: { ...model.drafts, [key]: { ...drafts, [blockId]: block } } });
    },
    showModal,
    focusInvalid,
    keepFocus,
    scrollToEnd,
  };

  return {
    model: () => model,
    actions,
    start() {
      marks.count(model.state, model.channel);
      openHome();
      followChanges({
        onChange: () => void refresh(),
        onLive: (live) => change({ live }),
      });
      // Each tab may show another person: the one in use says who presses Allow.
      addEventListener(
        'focus',
        () => void readState(model.state.me, { sign_in: '1' }).catch(() => undefined),
      );
      addEventListener('popstate', () => {
        const query = new URLSearchParams(location.search);
        const pane = query.get('pane') === 'panel' ? 'panel' : 'chat';
        const { user, channel } = here();
        void move({ user: query.get('user') ?? user, channel: query.get('channel') ?? channel, pane });
      });
    },
  };
}

function titleOf({ state, channel }: PageModel): string {
  const me = state.users.find(({ id }) => id === state.me);
  const open = state.channels.find(({ id }) => id === channel);
  if (channel === HOME) return `Home of ${state.appName} · ${me?.realName ?? ''} · sandbox`;
  return `${open?.isIm ? '' : '#'}${open?.name ?? ''} · ${me?.realName ?? ''} · sandbox`;
}
