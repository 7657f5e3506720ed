import { createTickets } from '../socket/tickets';
import type { SandboxClock } from '../types';
import { createAuthorizations, type Holder } from './authorizations';
import { createChanges } from './changes';
import { createCodes } from './codes';
import { createIds } from './ids';
import type { StoredMessage } from './messages';
import { ENTERPRISE, FIRST_TEAM, SECOND_TEAM, toEnterpriseTeam } from './teams';
import { createWorkspace, type Workspace } from './workspace';

/** What Slack knows of the app from its settings, and how this Slack is to behave. */
export interface SlackOptions {
  clock: SandboxClock;
  appToken: string;
  clientId: string;
  clientSecret: string;
  redirectUrl: string | undefined;
  optionalScopes: string[];
  isRetired: boolean;
  tokenRotation: boolean;
  isEnterprise: boolean;
}

export type Shared = ReturnType<typeof createShared>;
export type Slack = ReturnType<typeof createSlack>;

function createShared(options: SlackOptions) {
  const { clock, appToken, clientId, clientSecret, redirectUrl, optionalScopes, isRetired } = options;
  const ids = createIds({ clock });
  const changes = createChanges();
  return {
    clock,
    ids,
    ...changes,
    /** Where the sandbox listens, and where its response_urls lead; known once it does. */
    address: { url: '', hooksUrl: '' },
    enterprise: options.isEnterprise ? ENTERPRISE : undefined,
    /** The app-level token, which opens sockets. */
    appToken,
    tickets: createTickets({ ids }),
    client: { id: clientId, secret: clientSecret, redirectUrl, optionalScopes },
    isRetired,
    /** Workspaces of the organisation that its install does not reach. */
    outOfReach: new Set<string>(),
    authorizations: createAuthorizations({
      now: clock.now,
      ids,
      isRotating: options.tokenRotation,
      changed: changes.changed,
    }),
    codes: createCodes({ clock, ids }),
  };
}

/** Slack as a whole: two workspaces, alone or in one organisation, and the tokens of all. */
export function createSlack(options: SlackOptions) {
  const shared = createShared(options);
  const { enterprise } = shared;
  const shelf: StoredMessage[] = [];
  const workspaces = [FIRST_TEAM, SECOND_TEAM].map((team) =>
    enterprise
      ? createWorkspace({ shared, team: toEnterpriseTeam(team), shelf })
      : createWorkspace({ shared, team, shelf: [] }),
  );
  const find = (teamId: string): Workspace | undefined => workspaces.find(({ team }) => team.id === teamId);

  function get(teamId: string): Workspace {
    const found = find(teamId);
    if (found) return found;
    const known = workspaces.map(({ team }) => team.id).join(', ');
    throw new Error(`There is no workspace ${teamId} in the sandbox; there are ${known}.`);
  }

  const first = get(FIRST_TEAM.id);
  /** The app's bot in the organisation as a whole. */
  const orgBot: Holder = { ...first.bot, teamId: undefined };
  return { ...shared, workspaces, first, find, get, orgBot };
}
