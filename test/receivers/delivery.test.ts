import { App } from '@slack/bolt';
import { createDeliveries, type Delivery } from '../../receivers/delivery';
import { createBackground } from '../../services/runtime/background';
import { createLogger } from '../../services/runtime/logger';
import { until } from '../support/until';

const COMMAND = { command: '/permissions', text: 'request x', user_id: 'U1', team_id: 'T1' };
const DIALOG = { type: 'dialog_submission' };
const VIEW = { type: 'view_submission' };
const BUTTON = { type: 'block_actions' };
const EVENT = { type: 'event_callback' };

describe('deliveries', () => {
  let lines: { level: string; msg: string }[];
  let finish: (() => void)[];
  let isSaturated: boolean;

  beforeEach(() => {
    lines = [];
    finish = [];
    isSaturated = false;
  });

  /** Takes four at once. Each command goes on until the test ends it. */
  function createSmall() {
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ level: 'info', secrets: [], destination });
    const background = createBackground({ logger });
    const most = { idle: 4, saturated: 2 };
    const deliveries = createDeliveries({ background, logger, most, isSaturated: () => isSaturated });
    const receiver = { init: deliveries.init, start: async () => {}, stop: async () => {} };
    const app = new App({ receiver, authorize: async () => ({}), convoStore: false });
    app.command('/permissions', async ({ ack }) => {
      await new Promise<void>((resolve) => finish.push(resolve));
      await ack();
    });
    return deliveries;
  }

  const of = (body: Record<string, unknown>): Delivery => ({
    body,
    arrival: { sentAt: 0, arrivedAt: 0 },
    retryNum: undefined,
    retryReason: undefined,
  });

  it.each([
    ['a command', COMMAND, { response_type: 'ephemeral', text: expect.stringContaining('try again') }],
    ['a dialog', DIALOG, { errors: [{ name: 'scopes', error: expect.stringContaining('try again') }] }],
    [
      'a modal',
      VIEW,
      { response_action: 'errors', errors: { scopes: expect.stringContaining('try again') } },
    ],
  ])('tells whoever sends %s that it is too much, and asks nothing', async (_what, body, payload) => {
    const deliveries = createSmall();
    const taken = Array.from({ length: 4 }, () => deliveries.take(of(COMMAND)));
    expect(await deliveries.take(of(body))).toEqual({ is: 'acknowledged', payload });
    await until(() => finish.length === 4);
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it.each([BUTTON, EVENT])('leaves it to Slack to send %p again', async (body) => {
    const deliveries = createSmall();
    const taken = Array.from({ length: 4 }, () => deliveries.take(of(COMMAND)));
    expect(await deliveries.take(of(body))).toEqual({ is: 'overloaded' });
    await until(() => finish.length === 4);
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it('takes less while the processor has no time to spare', async () => {
    const deliveries = createSmall();
    isSaturated = true;
    const taken = [deliveries.take(of(COMMAND)), deliveries.take(of(COMMAND))];
    expect(await deliveries.take(of(COMMAND))).toMatchObject({ payload: { text: expect.any(String) } });
    isSaturated = false;
    taken.push(deliveries.take(of(COMMAND)));
    await until(() => finish.length === 3);
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it('takes more when there is room again, and tells the operator once of each time', async () => {
    const deliveries = createSmall();
    const taken = Array.from({ length: 4 }, () => deliveries.take(of(COMMAND)));
    await deliveries.take(of(COMMAND));
    await deliveries.take(of(COMMAND));
    await until(() => finish.length === 4);
    for (const end of finish.splice(0)) end();
    await Promise.all(taken);
    await deliveries.settled();
    const last = deliveries.take(of(COMMAND));
    await until(() => finish.length === 1);
    finish[0]?.();
    expect(await last).toEqual({ is: 'acknowledged', payload: undefined });
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'error overloaded: shedding requests',
      'warn no longer overloaded',
    ]);
  });
});
