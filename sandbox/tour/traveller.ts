import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../terminal/app-process';
import type { Stage } from '../terminal/stage';
import type { Delivery, Page, Person, SeenMessage } from '../types';
import type { Checks } from './checks';
import { type LogEntry, parseLog } from './log-entry';

/** What a step of the tour works with. */
export interface Traveller {
  stage: Stage;
  ada: Person;
  ben: Person;
  cleo: Person;
  expect: Checks['expect'];
  /** A new step begins: what everybody has read by now is old. */
  mark(): void;
  expectAnswered(delivery: Delivery): void;
  /** Slack's question comes up, and asks for just these. */
  expectPrompt(person: Person, scopes: string[]): Promise<void>;
  /** The app's modal comes up; its button leads this person's browser to Slack's page, which asks for these. */
  expectConsent(person: Person, scopes: string[]): Promise<Page>;
  expectHeld(person: Person, scopes: string[]): void;
  /** This person's newest entries in the record are these, in this order. */
  expectLog(person: Person, events: string[]): Promise<LogEntry[]>;
  /** The record's standing grants of this person, as the command line prints them. */
  readGrants(person: Person): Promise<string>;
  expectSurface(person: Person, kind: 'modal' | 'dialog'): Promise<void>;
  /** A message that has come since the step began says this. */
  expectTold(person: Person, what: string, pattern: RegExp): Promise<SeenMessage | undefined>;
  /** What is done brings this person exactly one message, and no second one. */
  expectToldOnce(person: Person, run: () => Promise<unknown>): Promise<void>;
}

const ALLOW_LABEL = 'Allow in Slack';
const POLL_MS = 100;
const PATIENCE_MS = 5_000;
/** Beyond the life of a request, and the app's own rhythm of looking. */
const LOG_PATIENCE_MS = 20_000;
const SECOND_MESSAGE_MS = 700;

export function createTraveller({ stage, checks }: { stage: Stage; checks: Checks }): Traveller {
  const { sandbox } = stage;
  const { expect } = checks;
  const [ada, ben, cleo] = [sandbox.as('U0ADA'), sandbox.as('U0BEN'), sandbox.as('U0CLEO')];
  const read = new Set<string>();

  const newMessages = (person: Person) => person.messages().filter(({ ts }) => !read.has(ts));

  async function readLog(person: Person): Promise<LogEntry[]> {
    return parseLog(await cli('log', '--format', 'jsonl', '--user', person.id));
  }

  async function cli(...args: string[]): Promise<string> {
    const { code, output } = await runCli(args, stage.environment);
    if (code !== 0) throw new Error(`cli ${args.join(' ')} ended with code ${code}: ${output}`);
    return output;
  }

  return {
    stage,
    ada,
    ben,
    cleo,
    expect,
    mark() {
      for (const { ts } of [ada, ben, cleo].flatMap((person) => person.messages())) read.add(ts);
    },
    expectAnswered({ status, durationMs, error }) {
      const seen =
        status === undefined ? `no answer: ${error}` : `${status} after ${Math.round(durationMs)} ms`;
      expect('the app answers in time', status === 200, seen);
    },
    async expectPrompt(person, scopes) {
      const prompt = await until(() => person.prompt());
      const seen = prompt?.scopes.join(', ') ?? 'no question';
      expect(`Slack asks for ${scopes.join(', ')}`, seen === scopes.join(', '), seen);
    },
    async expectConsent(person, scopes) {
      await until(() => person.surface());
      // Slack opens the address and tells the app of the press as well.
      const url = person.link(ALLOW_LABEL);
      await person.press(ALLOW_LABEL);
      const page = await person.browser.open(url);
      const seen = page.authorize?.scopes.filter(({ granted }) => !granted).map(({ scope }) => scope) ?? [];
      const isRight = scopes.every((scope) => seen.includes(scope));
      expect(`Slack’s page asks for ${scopes.join(', ')}`, isRight, seen.join(', ') || page.text);
      return page;
    },
    expectHeld(person, scopes) {
      const held = sandbox.granted(person.id).join(', ');
      expect(`Slack holds ${scopes.join(', ') || 'nothing'}`, held === [...scopes].sort().join(', '), held);
    },
    async expectLog(person, events) {
      let newest: LogEntry[] = [];
      const isThere = await until(
        async () => {
          newest = (await readLog(person)).slice(-events.length);
          return newest.map(({ event }) => event).join() === events.join() || undefined;
        },
        { patienceMs: LOG_PATIENCE_MS },
      );
      const seen = newest.map(({ event, scopes }) => `${event} ${scopes}`).join(', ');
      expect(`the record says ${events.join(', ')}`, isThere === true, seen);
      return newest;
    },
    readGrants: async (person) => (await cli('grants', '--format', 'jsonl', '--user', person.id)).trim(),
    async expectSurface(person, kind) {
      const surface = await until(() => person.surface());
      const seen = surface ? `${surface.kind} “${surface.title}”` : 'nothing';
      expect(`a ${kind} opens`, surface?.kind === kind, seen);
    },
    async expectTold(person, what, pattern) {
      const found = await until(() => newMessages(person).find(({ plain }) => pattern.test(plain)));
      expect(what, found !== undefined, found?.plain ?? newMessages(person).at(-1)?.plain ?? 'no message');
      return found;
    },
    async expectToldOnce(person, run) {
      const before = new Set(person.messages().map(({ ts }) => ts));
      const since = () => person.messages().filter(({ ts }) => !before.has(ts));
      await run();
      await until(() => since()[0]);
      await sleep(SECOND_MESSAGE_MS);
      const told = since();
      const seen = told.map(({ plain }) => `“${plain}”`).join(' and ');
      expect('the person is told, once', told.length === 1, seen || 'no message');
    },
  };
}

/** What `look` finds, as soon as it finds something; undefined when patience is over. */
async function until<Found>(
  look: () => Found | undefined | Promise<Found | undefined>,
  { patienceMs = PATIENCE_MS } = {},
): Promise<Found | undefined> {
  const limit = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > limit) return found;
    await sleep(POLL_MS);
  }
}
