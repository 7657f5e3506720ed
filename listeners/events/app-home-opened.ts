import { isEnterpriseId } from '../../services/slack/workspace';
import type { ListenerDependencies } from '../dependencies';
import { createEventListener, homeOpenedEvent } from './payloads';

/** A user opened App Home: https://docs.slack.dev/reference/events/app_home_opened. Its Messages tab is Slack's own. */
export function createAppHomeOpenedListener(
  dependencies: Pick<ListenerDependencies, 'appHome' | 'enterprises' | 'clock'>,
) {
  return createEventListener(homeOpenedEvent, dependencies, async (received, event) => {
    if (event.tab !== 'home') return;
    // With an enterprise installation the event may name no workspace; the view that is shown does.
    const shownIn = isEnterpriseId(received.teamId) ? event.view?.team_id : undefined;
    const { teamId, enterpriseId } = received;
    await dependencies.appHome.open({ teamId: shownIn ?? teamId, enterpriseId, userId: event.user });
  });
}
