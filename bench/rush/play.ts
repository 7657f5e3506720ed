import { type ApiCall, type Sandbox, startSandbox } from '@scopekeeper/slack-sandbox';
import { createTestClock, type TestClock } from '@scopekeeper/slack-sandbox/test-clock';
import { z } from 'zod';
import { readManifest } from '../app';
import { inFolder } from '../folder';
import { report } from '../program';
import { startPlainBolt, startProduct } from './contenders';
import { addRushers, type Rusher } from './people';
import { tally } from './tally';

const METHOD = 'apps.permissions.users.request';
const NEEDED_BYTES = 1e8;
/** All of them run the command within so long. */
const RUSH_MS = 2_000;
/** Slack's way there and back, and its work. */
const LATENCY_MS = 100;
const FINE_STEP_MS = 20;
const STEP_MS = 100;
/** How long it is watched, on the clock, after which nobody of 500 can still wait. */
const WATCHED_MS = 40 * 60_000;
/** Turns of the event loop without a change, after which nothing is on its way but what waits for the clock. */
const QUIET_TURNS = 12;

const [kind, usersText] = process.argv.slice(2);
const users = z.coerce.number().parse(usersText);
const start = z.enum(['product', 'plain']).parse(kind) === 'product' ? startProduct : startPlainBolt;

/** The whole rush, on a clock that moves as fast as the work gets done. */
async function play(folder: string): Promise<object> {
  const clock = createTestClock();
  const slack = await startSandbox({ manifest: readManifest(), clock });
  const rushers = addRushers(slack, users);
  const contender = await start(slack, clock, folder);
  slack.setRequestUrl(contender.requestUrl);
  slack.faults.answerAlways(METHOD, { delayMs: LATENCY_MS, afterEffect: true });
  const settle = createSettle(slack);
  const calls = createCallReader(slack);
  const people = createCrowd(rushers, clock);
  const beganAt = clock.now();
  while (clock.now() < beganAt + WATCHED_MS && !people.areAllServed()) {
    people.act(beganAt);
    // To look at every screen takes a while: only where something has changed.
    if (await settle()) people.look();
    calls.read();
    await clock.advance(clock.now() < beganAt + 2 * RUSH_MS ? FINE_STEP_MS : STEP_MS);
  }
  await settle();
  const figures = {
    ...tally(calls.read(), { beganAt, latencyMs: LATENCY_MS, users }),
    without_an_answer: people.countUnanswered(),
    watched_s: (clock.now() - beganAt) / 1_000,
  };
  await contender.stop();
  await slack.close();
  return figures;
}

/** The people: each runs the command in turn, and presses "Continue" some time after it is there to be seen. */
function createCrowd(rushers: readonly Rusher[], clock: TestClock) {
  const waiting = new Set<Rusher>();
  const presses = new Map<Rusher, number>();
  const doings: Promise<unknown>[] = [];
  let begun = 0;

  const isCalled = ({ person }: Rusher) => person.lastMessage()?.buttons.includes('Continue') ?? false;

  return {
    act(beganAt: number): void {
      const due = Math.ceil((rushers.length * (clock.now() - beganAt + 1)) / RUSH_MS);
      for (const rusher of rushers.slice(begun, due)) {
        begun += 1;
        waiting.add(rusher);
        doings.push(rusher.person.runCommand('/permissions', 'request dnd:write:user'));
      }
      for (const [rusher, at] of presses) {
        if (at > clock.now()) continue;
        presses.delete(rusher);
        doings.push(rusher.person.press('Continue'));
      }
    },
    /** Who sees a "Continue" now will press it; who sees the prompt is served. */
    look(): void {
      for (const rusher of waiting) {
        if (rusher.person.prompt() !== undefined) waiting.delete(rusher);
        else if (!presses.has(rusher) && isCalled(rusher))
          presses.set(rusher, clock.now() + rusher.pressAfterMs);
      }
    },
    areAllServed: () => begun === rushers.length && waiting.size === 0,
    /** Neither a prompt, nor a word of the app's. */
    countUnanswered: () => [...waiting].filter(({ person }) => person.messages().length === 0).length,
  };
}

/** All calls of the method so far, also those that the sandbox has forgotten. */
function createCallReader(slack: Sandbox) {
  const read: ApiCall[] = [];
  let last: ApiCall | undefined;
  return {
    read(): readonly ApiCall[] {
      const from = last === undefined ? 0 : slack.calls.lastIndexOf(last) + 1;
      const fresh = slack.calls.slice(from);
      last = fresh.at(-1) ?? last;
      read.push(...fresh.filter(({ method }) => method === METHOD));
      return read;
    },
  };
}

/** Resolves when nothing goes on but what waits for the clock; true where something has happened since the last time. */
function createSettle(slack: Sandbox): () => Promise<boolean> {
  let changes = 0;
  let known = 0;
  slack.onChange(() => {
    changes += 1;
  });
  return async () => {
    for (let quiet = 0, before = changes; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (changes !== before) quiet = 0;
      before = changes;
    }
    const hasChanged = changes !== known;
    known = changes;
    return hasChanged;
  };
}

inFolder(NEEDED_BYTES, play).then(
  (figures) => {
    report(figures);
  },
  (error: unknown) => {
    process.stderr.write(`the rush did not end: ${String(error)}\n`);
    process.exit(1);
  },
);
