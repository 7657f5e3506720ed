import type { Slack } from '../state/slack';
import type { AuthorizeQuestion, SandboxUser } from '../types';
import type { AuthorizeRequest } from './authorize-request';

/** What the consent page shows, and what its form carries along. */
export interface AuthorizeModel extends AuthorizeQuestion {
  appName: string;
  person: SandboxUser;
  /** Hidden in the form: the question itself, and who answers it. */
  fields: Record<string, string>;
}

export function toAuthorizeModel(
  slack: Slack,
  request: AuthorizeRequest,
  person: SandboxUser,
  query: URLSearchParams,
): AuthorizeModel {
  const teams = placesFor(slack, request, person.id);
  const [place] = teams;
  const granted = (place && slack.find(place.id)?.grants.of(person.id)) ?? [];
  const { as: _, ...fields } = Object.fromEntries(query);
  return {
    appName: slack.app.name,
    person,
    userId: person.id,
    scopes: request.userScopes.map((scope) => ({
      scope,
      optional: slack.client.optionalScopes.includes(scope),
      granted: granted.includes(scope),
    })),
    botScopes: request.botScopes,
    teams,
    fields: { ...fields, user: person.id },
  };
}

/** The person's own workspaces, or the one that was asked for; and the organisation, for an install. */
export function placesFor(slack: Slack, { teamId, botScopes }: AuthorizeRequest, userId: string) {
  const { enterprise } = slack;
  const places = slack.workspaces
    .filter(({ team, people }) => people.find(userId) && (teamId === undefined || team.id === teamId))
    .map(({ team: { id, name } }) => ({ id, name }));
  if (!enterprise || teamId !== undefined || botScopes.length === 0) return places;
  return [...places, { id: enterprise.id, name: enterprise.name }];
}
