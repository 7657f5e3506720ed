import { isEnterpriseId, type Workspace } from '../services/slack/workspace';

type Maybe<T> = T | null | undefined;

/** Where a payload of the Events API says it is from: https://docs.slack.dev/apis/events-api/#event-type-structure */
export interface EventOrigin {
  team_id?: Maybe<string>;
  enterprise_id?: Maybe<string>;
  /** The workspace through which the app gets the event: in Slack Connect `team_id` may be the visitor's. */
  context_team_id?: Maybe<string>;
  context_enterprise_id?: Maybe<string>;
  authorizations?: Maybe<{ team_id?: Maybe<string>; enterprise_id?: Maybe<string> }[]>;
}

/** Where a gesture says it is from: https://docs.slack.dev/reference/interaction-payloads */
export interface GestureOrigin {
  /** Null where the organisation has installed the app. */
  team?: Maybe<{ id: string; enterprise_id?: Maybe<string> }>;
  enterprise?: Maybe<{ id: string }>;
  user: { team_id?: Maybe<string> };
  view?: Maybe<{
    type?: string | undefined;
    team_id?: Maybe<string>;
    app_installed_team_id?: Maybe<string>;
    private_metadata?: string | undefined;
  }>;
}

/** What was said of a workspace; `enterpriseId` is null where Slack says that it is in no organisation. */
export interface PayloadWorkspace {
  teamId: string | undefined;
  enterpriseId: string | null | undefined;
}

/**
 * The workspace that has the app, and in an organisation the one where it happened. A visitor by Slack Connect is served by
 * the workspace that they visit: `authorizations` and `context_team_id` name it, `team_id` may be their own.
 */
export function toEventWorkspace(body: EventOrigin): PayloadWorkspace {
  const authorization = body.authorizations?.[0];
  const teamId =
    [authorization?.team_id, body.context_team_id, body.team_id].find((id) => id && !isEnterpriseId(id)) ??
    undefined;
  const organisation = authorization?.enterprise_id ?? body.context_enterprise_id ?? undefined;
  if (authorization?.enterprise_id === null && authorization.team_id && authorization.team_id === teamId) {
    return { teamId, enterpriseId: null };
  }
  // What stands beside a visitor's workspace is the visitor's organisation.
  const isVisitors = teamId !== undefined && body.team_id && body.team_id !== teamId;
  const enterpriseId = organisation || (isVisitors ? undefined : body.enterprise_id) || undefined;
  return { teamId: teamId ?? (body.team_id || enterpriseId), enterpriseId };
}

/**
 * The same for a gesture. A home acts for the workspace that it was made for (`private_metadata`): the person may have
 * another one in their profile. A modal acts where the app that opened it is, also when a visitor submits it.
 */
export function toGestureWorkspace({ team, enterprise, user, view }: GestureOrigin): PayloadWorkspace {
  const named = enterprise?.id ?? team?.enterprise_id ?? undefined;
  const installedIn = view?.app_installed_team_id || undefined;
  const isOrgWide = installedIn !== undefined && isEnterpriseId(installedIn);
  const installedTeam = isOrgWide ? undefined : installedIn;
  const isHome = view?.type === 'home';
  const teamId = [
    ...(isHome ? [view?.private_metadata, named === undefined ? installedTeam : undefined] : [installedTeam]),
    team?.id,
    view?.team_id,
    user.team_id,
  ].find((id) => id && !isEnterpriseId(id));
  // What stands beside another workspace than this one is not this one's organisation.
  const isOthers = team != null && teamId !== undefined && team.id !== teamId;
  const enterpriseId = isOrgWide ? installedIn : isOthers ? undefined : named;
  return { teamId: teamId || undefined, enterpriseId };
}

/** For what needs a workspace: of an organisation as a whole, it stands in the place of one. */
export function toWorkspace({ teamId, enterpriseId }: PayloadWorkspace): Workspace {
  return { teamId: teamId ?? enterpriseId ?? 'unknown', enterpriseId: enterpriseId ?? undefined };
}
