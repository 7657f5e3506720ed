import { toViewPayload } from '../api/view-payload';
import type { Screen } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery } from '../types';
import type { Events } from '../wire/events';

/** https://docs.slack.dev/reference/events/app_home_opened: with the view that the app published before, if there is one. */
export async function openHome(workspace: Workspace, events: Events, screen: Screen): Promise<Delivery> {
  const { userId, home } = screen;
  const event = {
    type: 'app_home_opened',
    user: userId,
    channel: workspace.people.findChannel(userId)?.id,
    tab: 'home',
    event_ts: (workspace.clock.now() / 1000).toFixed(6),
    ...(home ? { view: toViewPayload(home) } : {}),
  };
  return await events.send(event, { teamId: workspace.team.id }).first;
}
