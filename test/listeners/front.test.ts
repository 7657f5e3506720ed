import { createFront, type Delivery } from '../../listeners/front';
import { createBackground } from '../../services/runtime/background';
import { createLogger } from '../../services/runtime/logger';

const COMMAND = { command: '/permissions', text: 'request x', user_id: 'U1', team_id: 'T1' };
const DIALOG = { type: 'dialog_submission' };
const VIEW = { type: 'view_submission' };
const BUTTON = { type: 'block_actions' };
const EVENT = { type: 'event_callback' };

describe('the front', () => {
  let lines: { level: string; msg: string }[];
  let finish: (() => void)[];
  let isSaturated: boolean;

  beforeEach(() => {
    lines = [];
    finish = [];
    isSaturated = false;
  });

  function createSmallFront() {
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ level: 'info', secrets: [], destination });
    // Each ask goes on until the test ends it.
    const asks = { take: () => new Promise<undefined>((resolve) => finish.push(() => resolve(undefined))) };
    const loadBolt = () => Promise.reject(new Error('nothing else is sent here'));
    const background = createBackground({ logger });
    const most = { idle: 4, saturated: 2 };
    return createFront({ asks, loadBolt, background, logger, most, isSaturated: () => isSaturated });
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
    const front = createSmallFront();
    const taken = Array.from({ length: 4 }, () => front.take(of(COMMAND)));
    expect(await front.take(of(body))).toEqual({ is: 'acknowledged', payload });
    expect(finish).toHaveLength(4);
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it.each([BUTTON, EVENT])('leaves it to Slack to send %p again', async (body) => {
    const front = createSmallFront();
    const taken = Array.from({ length: 4 }, () => front.take(of(COMMAND)));
    expect(await front.take(of(body))).toEqual({ is: 'busy' });
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it('takes less while the processor has no time to spare', async () => {
    const front = createSmallFront();
    isSaturated = true;
    const taken = [front.take(of(COMMAND)), front.take(of(COMMAND))];
    expect(await front.take(of(COMMAND))).toMatchObject({ payload: { text: expect.any(String) } });
    isSaturated = false;
    taken.push(front.take(of(COMMAND)));
    expect(finish).toHaveLength(3);
    for (const end of finish) end();
    await Promise.all(taken);
  });

  it('takes more when there is room again, and tells the operator once of each time', async () => {
    const front = createSmallFront();
    const taken = Array.from({ length: 4 }, () => front.take(of(COMMAND)));
    await front.take(of(COMMAND));
    await front.take(of(COMMAND));
    for (const end of finish.splice(0)) end();
    await Promise.all(taken);
    const last = front.take(of(COMMAND));
    expect(finish).toHaveLength(1);
    finish[0]?.();
    expect(await last).toEqual({ is: 'acknowledged', payload: undefined });
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'error more comes than can be done: refusing',
      'warn no longer too much',
    ]);
  });
});
