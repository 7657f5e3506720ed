import { type Backoff, toBackoffMs } from '../../services/runtime/backoff';
import type { Clock } from '../../services/runtime/clock';
import { ConfigError } from '../../services/runtime/errors';
import type { Logger } from '../../services/runtime/logger';
import { withTimeout } from '../../services/runtime/with-timeout';
import type { CreateLink, Link, OpeningFault } from './link';

/** Slack closes a connection about ten seconds after its `disconnect` message. */
const FINISH_TIMEOUT_MS = 10_000;
/** A connection that ends sooner counts as a failure: the next one would probably end as soon. */
const STABLE_AFTER_MS = 10_000;
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000 };

/** The reason in Slack's `disconnect` message when Socket Mode is switched off, and what an operator can do about it. */
const DISABLED_REASON = 'link_disabled';
const ENABLE_ADVICE =
  'socket mode was switched off: switch it on again under "Socket Mode" in the app\'s settings';

interface OpenLink {
  link: Link;
  openedAt: number;
  /** Slack is about to close it; another takes its place. */
  isLeaving: boolean;
  underWay: Set<Promise<void>>;
}

/**
 * Stays connected. Slack announces that it closes a connection, every few hours; the next one is opened before the old one is
 * closed, so that Slack can deliver at any time. Each payload is acknowledged over the connection that brought it.
 *
 * `take` must not reject; it resolves with the acknowledgement, or with undefined where Slack must send the payload again.
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
  const links = new Set<OpenLink>();
  let connecting: Promise<void> | undefined;
  let wasConnected = false;
  let isStopping = false;
  let failures = 0;
  let retryAfterMs = 0;
  let endPause = () => {};
  const stopping = new Promise<void>((resolve) => {
    endPause = resolve;
  });

  const hasLasting = () => [...links].some((open) => !open.isLeaving);
  const toDelayMs = () => Math.max(retryAfterMs, toBackoffMs(failures, BACKOFF));

  /** Resolves when a link is open, or the connection is stopped. */
  async function connect(): Promise<void> {
    while (!isStopping && !hasLasting()) {
      connecting ??= tryOnce().finally(() => {
        connecting = undefined;
      });
      await connecting;
    }
  }

  async function tryOnce(): Promise<void> {
    if (failures > 0) await withTimeout(stopping, toDelayMs(), clock);
    if (isStopping) return;
    const link = createLink({
      onMessage: (message) => receive(open, message),
      onDisconnect: (reason) => leave(open, reason),
    });
    const open: OpenLink = { link, openedAt: clock.now(), isLeaving: false, underWay: new Set() };
    const fault = await link.open();
    if (fault !== undefined) return report(fault);
    if (isStopping) return await link.close();
    links.add(open);
    open.openedAt = clock.now();
    wasConnected = true;
    retryAfterMs = 0;
    logger.info('connected to slack by socket mode');
    void link.whenClosed().then(() => lose(open));
  }

  function report(fault: OpeningFault): void {
    failures += 1;
    retryAfterMs = fault.retryAfterMs ?? 0;
    const { error, detail, isRefusal } = fault;
    const about = { error, detail, retry_in_ms: toDelayMs() };
    const sentence = `SLACK_APP_TOKEN is refused by Slack (${error}): copy it again from "Basic Information", "App-Level Tokens" in your app's settings; it needs the scope connections:write, and "Socket Mode" must be switched on.`;
    if (error === DISABLED_REASON) logger.error(about, ENABLE_ADVICE);
    else if (!isRefusal) logger.warn(about, 'cannot reach slack by socket mode: retrying');
    else if (wasConnected) logger.error(about, sentence);
    else throw new ConfigError([sentence]);
  }

  function receive(open: OpenLink, message: unknown): void {
    // Slack sends an unacknowledged payload again, over a connection that is open then.
    if (isStopping) return;
    const work = answer(open, message).finally(() => open.underWay.delete(work));
    open.underWay.add(work);
  }

  async function answer({ link }: OpenLink, message: unknown): Promise<void> {
    const acknowledgement = await take(message);
    if (acknowledgement !== undefined && !link.send(acknowledgement))
      logger.warn('connection closed before the acknowledgement: slack may retry');
  }

  function leave(open: OpenLink, reason: string): void {
    if (open.isLeaving) return;
    open.isLeaving = true;
    countFailure(open);
    if (reason === DISABLED_REASON) logger.error(ENABLE_ADVICE);
    else logger.info({ reason }, 'slack is closing the connection: opening another');
    void reconnect().then(async () => {
      await withTimeout(settle(open), FINISH_TIMEOUT_MS, clock);
      await open.link.close();
    });
  }

  function lose(open: OpenLink): void {
    links.delete(open);
    if (isStopping || open.isLeaving) return;
    countFailure(open);
    logger.warn('connection to slack closed: opening another');
    void reconnect();
  }

  /** Never rejects: nothing awaits it. */
  async function reconnect(): Promise<void> {
    try {
      await connect();
    } catch (error) {
      logger.error({ err: error }, 'cannot reach slack by socket mode');
    }
  }

  function countFailure({ openedAt }: OpenLink): void {
    failures = clock.now() - openedAt < STABLE_AFTER_MS ? failures + 1 : 0;
  }

  /** Also waits for work that arrives meanwhile. */
  async function settle({ underWay }: OpenLink): Promise<true> {
    while (underWay.size > 0) await Promise.all(underWay);
    return true;
  }

  return {
    /** Rejects with a `ConfigError` where Slack refuses the token; retries while Slack cannot be reached. */
    start: connect,
    /** Takes no new payload, finishes and acknowledges those in progress, and disconnects. */
    async stop(): Promise<void> {
      isStopping = true;
      endPause();
      const settled = Promise.all([...links].map(settle));
      if ((await withTimeout(settled, FINISH_TIMEOUT_MS, clock)) === undefined)
        logger.warn('stopping with unfinished work: slack will retry it');
      await Promise.all([...links].map(({ link }) => link.close()));
    },
  };
}
