import type { Homes } from '../../services/admin/app-home/homes';
import type { Clock } from '../../services/runtime/clock';
import { isOrganisationId } from '../../services/slack/workspace';
import { homeOpenedEvent, readEvent } from './payloads';

/** Somebody looks at the app's home: https://docs.slack.dev/reference/events/app_home_opened. Its tab with messages is Slack's. */
export function createAppHomeOpenedListener({ homes, clock }: { homes: Homes; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(homeOpenedEvent, body, clock);
    if (event.tab !== 'home') return;
    // Of an organisation's installation the event may name no workspace: the view that is there does.
    const shownIn = isOrganisationId(received.teamId) ? event.view?.team_id : undefined;
    const { teamId, enterpriseId } = received;
    await homes.open({ teamId: shownIn ?? teamId, enterpriseId, userId: event.user });
  };
}
