import type { Holder } from './authorizations';
import { createGrants } from './grants';
import { createMessages, type StoredMessage } from './messages';
import { createPeople } from './people';
import { createResponseUrls } from './response-urls';
import { createScreens } from './screens';
import type { Shared } from './shared';
import type { Team } from './teams';
import { createTriggers } from './triggers';

export type Workspace = ReturnType<typeof createWorkspace>;

interface Options {
  shared: Shared;
  team: Team;
  shelf: StoredMessage[];
}

/** All that Slack knows of one workspace, and what is the same in all of them. */
export function createWorkspace({ shared, team, shelf }: Options) {
  const { clock, ids, changed, authorizations, enterprise } = shared;
  const people = createPeople(team, shared.app.botName);
  const channelsOf = (userId: string) => people.channelsOf(userId).map(({ id }) => id);
  const enterpriseId = enterprise?.id;
  const bot: Holder = { kind: 'bot', teamId: team.id, enterpriseId, userId: team.botUserId };
  const orgBot: Holder = { ...bot, teamId: undefined };
  return {
    ...shared,
    team,
    people,
    bot,
    /** The app serves this workspace because it is installed in the organisation. */
    isEnterpriseInstall: () =>
      authorizations.find(bot) === undefined &&
      authorizations.find(orgBot) !== undefined &&
      !shared.outOfReach.has(team.id),
    triggers: createTriggers({ clock, ids }),
    grants: createGrants({ authorizations, teamId: team.id, enterpriseId }),
    messages: createMessages({ clock, ids, changed, shelf, channelsOf }),
    screens: createScreens(),
    responseUrls: createResponseUrls({ clock, ids }),
  };
}
