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
  /** Null where the app is installed in the whole enterprise. */
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

/** The workspace of a payload; `enterpriseId` is null where Slack says that it is in no enterprise. */
export interface PayloadWorkspace {
  teamId: string | undefined;
  enterpriseId: string | null | undefined;
}

/**
 * The workspace that has the app, and in an enterprise the one where the event happened. A visitor by Slack Connect belongs to
 * the workspace that they visit: `authorizations` and `context_team_id` name it; `team_id` may be their own.
 */
export function toEventWorkspace(body: EventOrigin): PayloadWorkspace {
  const authorization = body.authorizations?.[0];
  const teamId =
    [authorization?.team_id, body.context_team_id, body.team_id].find((id) => id && !isEnterpriseId(id)) ??
    undefined;
  const installedIn = authorization?.enterprise_id ?? body.context_enterprise_id ?? undefined;
  if (authorization?.enterprise_id === null && authorization.team_id && authorization.team_id === teamId) {
    return { teamId, enterpriseId: null };
  }
  // The `enterprise_id` beside a visitor's workspace is the visitor's own.
  const isVisitors = teamId !== undefined && body.team_id && body.team_id !== teamId;
  const enterpriseId = installedIn || (isVisitors ? undefined : body.enterprise_id) || undefined;
  return { teamId: teamId ?? (body.team_id || enterpriseId), enterpriseId };
}

/**
 * The same for a gesture. App Home belongs to the workspace that it was rendered for (`private_metadata`): `team` may be another
 * one of the user's. A modal belongs to the workspace of the app that opened it, also when a visitor submits it.
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
  // The enterprise beside another workspace is not this one's.
  const isOthers = team != null && teamId !== undefined && team.id !== teamId;
  const enterpriseId = isOrgWide ? installedIn : isOthers ? undefined : named;
  return { teamId: teamId || undefined, enterpriseId };
}

/** Where a workspace is needed, the enterprise stands in for one that was not named. */
export function toWorkspace({ teamId, enterpriseId }: PayloadWorkspace): Workspace {
  return { teamId: teamId ?? enterpriseId ?? 'unknown', enterpriseId: enterpriseId ?? undefined };
}
