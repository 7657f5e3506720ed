import type { PermissionRequest } from './permissions/requests/store';
import type { Clock } from './runtime/clock';
import { every } from './runtime/interval';
import type { Logger } from './runtime/logger';
import type { Services } from './services';
import { verifyToken } from './slack/token-owner';

const LOOK_INTERVAL_MS = 1_000;
const TIDY_INTERVAL_MS = 60_000;

/** Starts what the app does by itself, again and again, each in the background. */
export function startScheduledWork({
  services,
  callTurn,
  clock,
  logger,
}: {
  services: Services;
  /** Tells a user that it is their turn. */
  callTurn: (request: PermissionRequest) => void;
  clock: Clock;
  logger: Logger;
}): { stop(): void } {
  const { background, botTokens, consents, findTeam, homes, lateMessages, notices } = services;
  const { requests, retention, sessions, states, sync, turns } = services;

  const running = new Set<string>();
  /** While the database hangs, what is begun each second must not pile up. */
  function runAlone(name: string, work: () => Promise<void>): void {
    if (running.has(name)) return;
    running.add(name);
    background.run(name, () => work().finally(() => running.delete(name)));
  }

  const look = every(LOOK_INTERVAL_MS, clock, () => {
    runAlone('turns', () => turns.call(callTurn));
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
