import { startWorld, type World } from './support/world';

const VIEW = JSON.stringify({ type: 'modal', title: { type: 'plain_text', text: 'Title' }, blocks: [] });
const DIALOG = JSON.stringify({
  callback_id: 'form',
  title: 'Title',
  elements: [{ type: 'text', label: 'Reason', name: 'reason' }],
});

interface TriggerMethod {
  method: string;
  args: Record<string, string>;
  unknown: string;
  expired: string;
  exchanged: string;
}

/** Every method that takes a trigger, and Slack's names for what can be wrong with it. */
const METHODS: TriggerMethod[] = [
  {
    method: 'apps.permissions.users.request',
    args: { scopes: 'reminders:write:user', user: 'U0BEN' },
    unknown: 'invalid_trigger',
    expired: 'invalid_trigger',
    exchanged: 'trigger_exchanged',
  },
  {
    method: 'views.open',
    args: { view: VIEW },
    unknown: 'invalid_trigger_id',
    expired: 'expired_trigger_id',
    exchanged: 'exchanged_trigger_id',
  },
  {
    method: 'dialog.open',
    args: { dialog: DIALOG },
    unknown: 'invalid_trigger',
    expired: 'trigger_expired',
    exchanged: 'trigger_exchanged',
  },
];

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

describe.each(METHODS)('the trigger of $method', ({ method, args, unknown, expired, exchanged }) => {
  const callWith = (trigger_id: string) => world.call(method, { ...args, trigger_id });

  test('is good up to 3,000 ms after the gesture', async () => {
    expect(await callWith(await world.freshTrigger('U0BEN', 3000))).toMatchObject({ ok: true });
  });

  test('is dead at 3,001 ms', async () => {
    expect(await callWith(await world.freshTrigger('U0BEN', 3001))).toMatchObject({
      ok: false,
      error: expired,
    });
  });

  test('ages while it waits', async () => {
    const trigger = await world.freshTrigger();
    await world.clock.advance(3001);
    expect(await callWith(trigger)).toMatchObject({ ok: false, error: expired });
  });

  test('is good once, for any method', async () => {
    const trigger = await world.freshTrigger();
    expect(await callWith(trigger)).toMatchObject({ ok: true });
    expect(await callWith(trigger)).toMatchObject({ ok: false, error: exchanged });
    const others = METHODS.filter((other) => other.method !== method);
    for (const other of others) {
      const answer = await world.call(other.method, { ...other.args, trigger_id: trigger });
      expect(answer).toMatchObject({ ok: false, error: other.exchanged });
    }
  });

  test('must be one that was given out', async () => {
    expect(await callWith('12345.98765.abcd2358fdea')).toMatchObject({ ok: false, error: unknown });
    expect(await callWith('')).toMatchObject({ ok: false, error: unknown });
  });

  test('is not used up by a refusal', async () => {
    const trigger = await world.freshTrigger();
    const spoilt = Object.fromEntries(Object.keys(args).map((name) => [name, '']));
    expect(await world.call(method, { ...spoilt, trigger_id: trigger })).toMatchObject({ ok: false });
    expect(await callWith(trigger)).toMatchObject({ ok: true });
  });
});
