import type { Clock } from '../../services/runtime/clock';
import { ConfigError } from '../../services/runtime/errors';
import type { Logger } from '../../services/runtime/logger';
import { toOpeningFault, toRefusalSentence } from './faults';
import { type CreateLink, type Link, readFarewell } from './link';

/** Slack closes a link about ten seconds after it has said so. */
const FINISH_PATIENCE_MS = 10_000;
/** A link that ends sooner counts as a failure: whatever ends it would end the next at once. */
const STEADY_AFTER_MS = 10_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/** What Slack's farewell says then, and what an operator can do about it. */
const SWITCHED_OFF = 'link_disabled';
const SWITCH_ON =
  'socket mode was switched off: switch it on again under "Socket Mode" in the app\'s settings';

interface Held {
  link: Link;
  openedAt: number;
  /** Slack is about to close it: another takes its place. */
  isLeaving: boolean;
  underWay: Set<Promise<void>>;
}

/**
 * Stays connected: Slack closes a link every few hours, having said so. The next one is open before the old one is left,
 * so that no payload meets a closed door, and what came over the old one is acknowledged over the old one.
 *
 * `take` must not reject; it gives the acknowledgement, or nothing where there is to be none.
 */
export function createConnection({
  createLink,
  take,
  clock,
  logger,
}: {
  createLink: CreateLink;
  take: (message: unknown) => Promise<object | undefined>;
  clock: Clock;
  logger: Logger;
}) {
  const links = new Set<Held>();
  let connecting: Promise<void> | undefined;
  let wasConnected = false;
  let isStopping = false;
  let failures = 0;
  let retryAfterMs = 0;
  let endPause = () => {};

  const hasLasting = () => [...links].some((held) => !held.isLeaving);

  /** Resolves when a link is open, or all is over. */
  async function connect(): Promise<void> {
    while (!isStopping && !hasLasting()) {
      connecting ??= tryOnce().finally(() => {
        connecting = undefined;
      });
      await connecting;
    }
  }

  async function tryOnce(): Promise<void> {
    if (failures > 0) await pause(Math.max(retryAfterMs, toDelay(failures)));
    if (isStopping) return;
    const held: Held = {
      link: createLink((message) => receive(held, message)),
      openedAt: clock.now(),
      isLeaving: false,
      underWay: new Set(),
    };
    try {
      await held.link.open();
    } catch (error) {
      return report(error);
    }
    if (isStopping) return await held.link.close();
    links.add(held);
    held.openedAt = clock.now();
    wasConnected = true;
    retryAfterMs = 0;
    logger.info('connected to slack by socket mode');
    void held.link.closed.then(() => lose(held));
  }

  function report(error: unknown): void {
    const fault = toOpeningFault(error);
    failures += 1;
    retryAfterMs = fault.retryAfterMs;
    const about = { error: fault.error, retry_in_ms: Math.max(retryAfterMs, toDelay(failures)) };
    if (fault.error === SWITCHED_OFF) logger.error(about, SWITCH_ON);
    else if (!fault.isRefusal) logger.warn(about, 'slack cannot be reached by socket mode: trying again');
    else if (wasConnected) logger.error(about, toRefusalSentence(fault.error));
    else throw new ConfigError([toRefusalSentence(fault.error)]);
  }

  function receive(held: Held, message: unknown): void {
    const reason = readFarewell(message);
    if (reason !== undefined) {
      leave(held, reason);
      return;
    }
    // What is not acknowledged is sent again, to whoever is connected then.
    if (isStopping) return;
    const work = answer(held, message).finally(() => held.underWay.delete(work));
    held.underWay.add(work);
  }

  async function answer({ link }: Held, message: unknown): Promise<void> {
    const acknowledgement = await take(message);
    if (acknowledgement !== undefined && !link.send(acknowledgement))
      logger.warn('the connection ended before the acknowledgement: slack may send it again');
  }

  function leave(held: Held, reason: string): void {
    if (held.isLeaving) return;
    held.isLeaving = true;
    weigh(held);
    if (reason === SWITCHED_OFF) logger.error(SWITCH_ON);
    else logger.info({ reason }, 'slack is about to close the connection: opening another');
    void reconnect().then(async () => {
      await inTime(idle(held), FINISH_PATIENCE_MS);
      await held.link.close();
    });
  }

  function lose(held: Held): void {
    links.delete(held);
    if (isStopping || held.isLeaving) return;
    weigh(held);
    logger.warn('the connection to slack has ended: opening another');
    void reconnect();
  }

  /** Nobody waits for it: it must not reject. */
  async function reconnect(): Promise<void> {
    try {
      await connect();
    } catch (error) {
      logger.error({ err: error }, 'slack cannot be reached by socket mode');
    }
  }

  function weigh({ openedAt }: Held): void {
    failures = clock.now() - openedAt < STEADY_AFTER_MS ? failures + 1 : 0;
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, delayMs);
      endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Also what comes while it waits has to be done. */
  async function idle({ underWay }: Held): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  function inTime(work: Promise<unknown>, patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(false), patienceMs);
      void work.then(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  return {
    /** Rejects with a `ConfigError` where Slack refuses the token; where it cannot be reached, it is tried again. */
    start: connect,
    /** Takes nothing new, finishes and acknowledges what is under way, and disconnects. */
    async stop(): Promise<void> {
      isStopping = true;
      endPause();
      if (!(await inTime(Promise.all([...links].map(idle)), FINISH_PATIENCE_MS)))
        logger.warn('stopping with work under way: slack will send it again');
      await Promise.all([...links].map(({ link }) => link.close()));
    },
  };
}

function toDelay(failures: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
}
