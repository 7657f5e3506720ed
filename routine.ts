import { callTurn } from './listeners/answer';
import type { WaitingReplies } from './listeners/waiting-replies';
import type { Clock } from './services/runtime/clock';
import { every } from './services/runtime/interval';
import type { Logger } from './services/runtime/logger';
import type { Services } from './services/services';
import { verifyToken } from './services/slack/token-owner';

const LOOK_INTERVAL_MS = 1_000;
const TIDY_INTERVAL_MS = 60_000;

/** What the app does by itself, again and again, each in the background. */
export function startRoutine({
  services,
  waitingReplies,
  clock,
  logger,
}: {
  services: Services;
  waitingReplies: WaitingReplies;
  clock: Clock;
  logger: Logger;
}): { stop(): void } {
  const {
    background,
    botTokens,
    consents,
    findTeam,
    homes,
    lateMessages,
    notices,
    requests,
    retention,
    sessions,
    sync,
    turns,
  } = services;
  const { states } = services;

  const running = new Set<string>();
  /** While the database hangs, what is begun each second must not pile up. */
  function runAlone(name: string, work: () => Promise<void>): void {
    if (running.has(name)) return;
    running.add(name);
    background.run(name, () => work().finally(() => running.delete(name)));
  }

  const look = every(LOOK_INTERVAL_MS, clock, () => {
    runAlone('turns', () =>
      turns.call((request) => callTurn({ ...services, waitingReplies, logger }, request)),
    );
    runAlone('requests', () => requests.expire());
    notices.deliver();
    lateMessages.deliver();
    homes.refresh();
    sync.runIfDue();
  });
  const tidy = every(TIDY_INTERVAL_MS, clock, () => {
    background.run('renewal of tokens', () => botTokens.keepFresh(clock.now()));
    background.run('old states', () => states.deleteOld());
    background.run('old entries', () => retention.run());
    background.run('old sessions', () => sessions.deleteOld());
  });
  sync.runIfDue();
  if (findTeam !== undefined) background.run('token check', () => verifyToken({ findTeam, logger }));

  return {
    stop() {
      look.cancel();
      tidy.cancel();
      sync.stop();
      consents?.stop();
    },
  };
}
