import type { Clock, Timer } from '../../runtime/clock';
import { repeatEvery } from '../../runtime/interval';
import type { ClockSkew } from '../../slack/clock-skew';
import type { Connections, ServerAddress } from '../../slack/connections';

/** So many triggers can leave at once without a handshake. */
const CONNECTIONS = 4;
/** More often than anything between us and Slack is known to close what is idle. */
const INTERVAL_MS = 25_000;
const REOPEN_DELAY_MS = 1_000;
const TIMEOUT_MS = 10_000;

/**
 * Opens connections before the first trigger needs one, and keeps them open through a quiet hour: over a new one, a
 * trigger would travel to Slack and back three times before it is exchanged. Slack is asked nothing:
 * https://docs.slack.dev/reference/methods/api.test
 */
export function keepWarm({
  connections,
  api,
  clockSkew,
  clock,
}: {
  connections: Connections;
  api: ServerAddress;
  clockSkew: ClockSkew;
  clock: Clock;
}): Timer {
  const to = { ...api, path: `${api.path}api.test` };
  let again: Timer | undefined;

  async function call(): Promise<void> {
    const askedAt = clock.now();
    try {
      const times = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
      const { headers, body } = await connections.post(to, times);
      clockSkew.observe(headers.date, askedAt);
      await body.dump();
    } catch {
      // Slack is away; triggers will find out, and the next time may be better.
    }
  }

  function warm(): void {
    again = undefined;
    for (let count = 0; count < CONNECTIONS; count += 1) void call();
  }

  // One that was closed is opened again, all of them at once where there are several.
  const reopen = () => {
    again ??= clock.setTimeout(warm, REOPEN_DELAY_MS);
  };
  const stopReopening = connections.onDisconnect(reopen);
  const timer = repeatEvery(INTERVAL_MS, clock, warm);
  warm();

  return {
    cancel() {
      stopReopening();
      again?.cancel();
      timer.cancel();
    },
  };
}
