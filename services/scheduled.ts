import type { PermissionRequest } from './permissions/requests/store';
import type { Clock } from './runtime/clock';
import { repeatEvery } from './runtime/interval';
import type { Logger } from './runtime/logger';
import type { Services } from './services';
import { warnOfWrongToken } from './slack/token-owner';

const LOOK_INTERVAL_MS = 1_000;
const TIDY_INTERVAL_MS = 60_000;

/** Starts the recurring work of the app, all of it in the background. */
export function startScheduledWork({
  services,
  callTurn,
  clock,
  logger,
}: {
  services: Services;
  /** Notifies a user whose turn has come in the rate-limit queue. */
  callTurn: (request: PermissionRequest) => void;
  clock: Clock;
  logger: Logger;
}): { stop(): void } {
  const { background, botTokens, consents, findTokenOwner, appHome, retryingMessenger, outbox } = services;
  const { requests, retention, sessions, states, sync, rateLimitQueue } = services;

  const running = new Set<string>();
  /** Work that is started each second must not pile up while the database hangs. */
  function runAlone(name: string, work: () => Promise<void>): void {
    if (running.has(name)) return;
    running.add(name);
    background.run(name, () => work().finally(() => running.delete(name)));
  }

  const look = repeatEvery(LOOK_INTERVAL_MS, clock, () => {
    runAlone('turns', () => rateLimitQueue.callDue(callTurn));
    runAlone('requests', () => requests.expire());
    outbox.deliverDue();
    retryingMessenger.retryDue();
    appHome.refresh();
    sync.startDue();
  });
  const tidy = repeatEvery(TIDY_INTERVAL_MS, clock, () => {
    background.run('renewal of tokens', () => botTokens.renewExpiring(clock.now()));
    background.run('old states', () => states.deleteOld());
    background.run('old entries', () => retention.run());
    background.run('old sessions', () => sessions.deleteOld());
  });
  sync.startDue();
  if (findTokenOwner !== undefined)
    background.run('token check', () => warnOfWrongToken({ findTokenOwner, logger }));

  return {
    stop() {
      look.cancel();
      tidy.cancel();
      sync.stop();
      consents?.stop();
    },
  };
}
