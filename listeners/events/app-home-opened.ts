import type { Clock } from '../../services/clock';
import type { Homes } from '../../services/homes/homes';
import { homeOpenedEvent, readEvent } from './payloads';

/** Somebody looks at the app's home: https://docs.slack.dev/reference/events/app_home_opened. Its tab with messages is Slack's. */
export function createAppHomeOpenedListener({ homes, clock }: { homes: Homes; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(homeOpenedEvent, body, clock);
    const { teamId, enterpriseId } = received;
    if (event.tab === 'home') await homes.open({ teamId, enterpriseId, userId: event.user });
  };
}
