import type { ClientState } from '../types';
import { startWorld, type World } from './support/world';

const plain = (text: string) => ({ type: 'plain_text', text });
const VIEW = JSON.stringify({
  type: 'home',
  blocks: [
    { type: 'header', text: plain('At home') },
    { type: 'actions', block_id: 'b', elements: [{ type: 'button', action_id: 'go', text: plain('Go') }] },
  ],
});

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const ben = () => world.sandbox.as('U0BEN');

async function state(user: string): Promise<ClientState> {
  const response = await fetch(`${world.sandbox.url}/client/state?user=${user}`);
  return (await response.json()) as ClientState;
}

test('opening the home sends app_home_opened, with what was published there before', async () => {
  const { app, clock } = world;
  expect(ben().home()).toBeUndefined();

  const delivery = await ben().openHome();
  await world.call('views.publish', { user_id: 'U0BEN', view: VIEW });
  await ben().openHome();

  expect(delivery).toMatchObject({ kind: 'event', status: 200 });
  const [first, second] = app.requests.map(({ payload }) => payload);
  expect(first).toMatchObject({ type: 'event_callback', team_id: 'T0SANDBOX' });
  expect(first?.event).toEqual({
    type: 'app_home_opened',
    user: 'U0BEN',
    channel: 'D0BEN',
    tab: 'home',
    event_ts: (clock.now() / 1000).toFixed(6),
  });
  expect(second?.event).toMatchObject({ view: { type: 'home', blocks: [{ type: 'header' }, {}] } });
});

test('a person sees the home that was published for them, and nobody else does', async () => {
  await world.call('views.publish', { user_id: 'U0BEN', view: VIEW });

  expect(ben().home()).toEqual({ texts: ['At home', 'Go'], buttons: ['Go'] });
  expect(world.sandbox.as('U0CLEO').home()).toBeUndefined();
  expect((await state('U0CLEO')).home).toBeNull();
});

test('the page has the home, and opens it and presses its buttons as a person does', async () => {
  const { app, sandbox } = world;
  const act = (asked: object) =>
    fetch(`${sandbox.url}/client/do`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'U0BEN', ...asked }),
    });
  await world.call('views.publish', { user_id: 'U0BEN', view: VIEW });

  await act({ do: 'open_home' });
  const { home } = await state('U0BEN');
  expect(home).toMatchObject({ id: expect.stringMatching(/^V/), errors: {}, values: {} });
  app.onRequest(() => ({ status: 500 }));
  await act({ do: 'press', viewId: home?.id, blockId: 'b', actionId: 'go' });

  expect(app.requests.map(({ payload }) => payload)).toMatchObject([
    { event: { type: 'app_home_opened' } },
    { type: 'block_actions', container: { type: 'view', view_id: home?.id }, actions: [{ action_id: 'go' }] },
  ]);
  expect((await state('U0BEN')).home?.errors).toEqual({ '': 'We had some trouble connecting. Try again?' });
});
