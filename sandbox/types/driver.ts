import type { JsonObject } from './json';
import type { Person } from './person';
import type { ApiCall, Delivery, Faults } from './wire';

/** Time as the sandbox sees it. The default is the system's; tests give one that they move by hand. */
export interface SandboxClock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): { cancel(): void };
}

export interface SandboxOptions {
  /** The app's manifest; default: `manifest.json` of the folder that this process runs in. */
  manifest?: JsonObject;
  /** Default 0: any free port. */
  port?: number;
  /**
   * The name by which it says where it is, such as `slack.localhost`; response_urls are at `hooks.` and that name, as
   * Slack's are. Both have to lead to 127.0.0.1, which is the default.
   */
  hostname?: string;
  clock?: SandboxClock;
  signingSecret?: string;
  botToken?: string;
  /** What the token may do; default: what the manifest asks for. A method that needs more says `missing_scope`. */
  botScopes?: string[];
  /** The app-level token, with which the app opens sockets. */
  appToken?: string;
  /** Where the app listens: everything Slack sends is posted here, unless the app has opened a socket. */
  requestUrl?: string;
  clientId?: string;
  clientSecret?: string;
  /** Where a consent comes back to; a `redirect_uri` has to begin with it. */
  redirectUrl?: string;
  /** User scopes that may be left unticked; default: `user_optional` in the manifest. */
  optionalScopes?: string[];
  /** Today's Slack: `apps.permissions.*` answers `method_deprecated`, and `revokeButton` revokes the user's token. */
  isRetired?: boolean;
  /** Tokens that come by OAuth last 12 hours and are refreshed. `botToken` itself does not expire. */
  tokenRotation?: boolean;
  /** Both workspaces belong to the organisation `E0SANDBOX`, where the app can be installed as a whole. */
  isEnterprise?: boolean;
  /** `botToken` is that of an install in the whole organisation. */
  isOrgWide?: boolean;
  /** False: no bot token exists before somebody installs the app. Default: it is installed in T0SANDBOX. */
  isInstalled?: boolean;
}

export interface SandboxUser {
  id: string;
  name: string;
  realName: string;
  isAdmin: boolean;
  isOwner: boolean;
  /** Of the whole organisation, where there is one; default: who is an admin of the workspace. */
  isOrgAdmin?: boolean;
  isBot: boolean;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, or by its `hostname`; no slash at the end. */
  url: string;
  /** `url` + `/api/`: the `slackApiUrl` of a WebClient. */
  apiUrl: string;
  /** `T0SANDBOX`; beside it there is `T0SECOND`, with the same people and Dora (`U0DORA`, admin). */
  teamId: string;
  /** `E0SANDBOX` with `isEnterprise`, undefined otherwise. */
  enterpriseId: string | undefined;
  signingSecret: string;
  /** Of T0SANDBOX; what its first install answers with, where `isInstalled` is false and tokens do not rotate. */
  botToken: string;
  appToken: string;
  clientId: string;
  clientSecret: string;
  /** Slack's consent page, in place of `https://slack.com/oauth/v2/authorize`. */
  authorizeUrl: string;
  /** Ada (admin), Ben and Cleo (members), and the app's own bot user. */
  users: SandboxUser[];
  setRequestUrl(url: string): void;
  setRedirectUrl(url: string): void;
  /** What a person can do and see in a workspace; default T0SANDBOX. */
  as(userId: string, place?: { teamId?: string }): Person;
  /** Every Web API call in order of arrival, and the posts to response_urls (method `response_url`). */
  calls: ApiCall[];
  callsTo(method: string): ApiCall[];
  /** Socket Mode: as long as the app holds a connection open, all that Slack sends goes there. */
  sockets: SandboxSockets;
  /** What goes wrong on purpose. */
  faults: Faults;
  /** Resolves at the final outcome: a 2xx, or the retries given up. */
  sendEvent(
    event: JsonObject,
    options?: { eventId?: string; eventTime?: number; teamId?: string; envelope?: JsonObject },
  ): Promise<Delivery>;
  /** Everything sent to the app, each attempt, with the status that it got. */
  deliveries: Delivery[];
  /** What the user granted to the app in a workspace, sorted: what Slack itself holds, and their token can do. */
  granted(userId: string, place?: { teamId?: string }): string[];
  /** Change what Slack holds without an event: drift, for `sync` to find. A token that the user has can do more. */
  grantDirectly(userId: string, scopes: string[], place?: { teamId?: string }): void;
  /** Without scopes, and where no scope is left, the user's token is revoked. */
  revokeDirectly(userId: string, scopes?: string[], place?: { teamId?: string }): void;
  /** Every token that was issued to a user, oldest first. */
  userTokens(): IssuedToken[];
  botTokens(): IssuedToken[];
  /** Revokes the user's token in a workspace, and with it all that they granted; sends `tokens_revoked` unless silent. */
  revokeToken(userId: string, options?: { silent?: boolean; teamId?: string }): Promise<void>;
  /**
   * `app_uninstalled` and `tokens_revoked` are sent, and what Slack holds is cleared: of that workspace (default
   * T0SANDBOX), or of the whole organisation by its id, or by default where the app is installed there.
   */
  uninstall(options?: string | UninstallOptions): Promise<void>;
  /** The organisation's install reaches a workspace no more, or again; `team_access_revoked` or `team_access_granted` is sent. */
  setAccess(teamId: string, isGranted: boolean): Promise<void>;
  /** `user_resource_removed` is sent, with a trigger_id that was used already; `tokens_revoked` with `isRetired`. */
  takeBack(userId: string, place?: { teamId?: string }): Promise<void>;
  /** Nothing is being posted to the app at the moment. Retries that wait on the clock are not waited for. */
  settled(): Promise<void>;
  /** Something that a person could see has changed. Returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface SandboxSockets {
  /** Connections that are open, also those that were refused and stay so. */
  count(): number;
  /**
   * Slack's `disconnect` message on each connection. Resolves when they are closed: by the app, or by Slack after ten
   * seconds on the clock. One that is to be left gets something only where there is no other.
   */
  disconnect(reason?: 'refresh_requested' | 'warning' | 'link_disabled'): Promise<void>;
  /** As if the network had failed: all connections break at once. */
  drop(): void;
  /** The next connections, default one, get no hello. */
  refuseNext(refusal: SocketRefusal, times?: number): void;
}

export interface SocketRefusal {
  /** In a `disconnect` message; undefined: Slack says nothing. */
  reason?: 'link_disabled' | 'too_many_websockets' | 'warning';
  /** Slack does not close it, nor answers a close. */
  staysOpen?: true;
}

export interface UninstallOptions {
  /** A workspace's id, or the organisation's. */
  teamId?: string;
  /** This event is answered before the other is sent; default: both at once. */
  first?: 'tokens_revoked' | 'app_uninstalled';
}

export interface IssuedToken {
  value: string;
  /** Undefined: good in the whole organisation. */
  teamId: string | undefined;
  userId: string;
  scopes: string[];
  isRevoked: boolean;
  /** Ms on the sandbox's clock; undefined: it does not expire. */
  expiresAt: number | undefined;
}
