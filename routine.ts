import { callTurn } from './listeners/answer';
import type { WaitingReplies } from './listeners/waiting-replies';
import type { Clock } from './services/clock';
import type { Logger } from './services/logger';
import { every } from './services/schedule';
import type { Services } from './services/services';
import { verifyToken } from './services/slack-token';

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

  const look = every(LOOK_INTERVAL_MS, clock, () => {
    background.run('turns', async () => {
      const called = await requests.recordCalled(await turns.call());
      for (const request of called) callTurn({ ...services, waitingReplies, logger }, request);
    });
    background.run('requests', () => requests.expire());
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
