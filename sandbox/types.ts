/**
 * The public types of the sandbox: the driver (what tests and the tour hold in their hands) and the JSON that
 * its page reads and writes under `/client/`. Types only, so that the page's browser code can import them too.
 */

/** JSON as it travels: blocks, views, payloads. */
export type JsonObject = Record<string, unknown>;

// ---------------------------------------------------------------------------------------------- the driver

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
  /** Today's Slack: `apps.permissions.*` answers `method_deprecated`, and `takeBack` revokes the user's token. */
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

export interface ApiCall {
  method: string;
  /** Values that came as JSON objects are JSON text here. */
  args: Record<string, string>;
  headers: Record<string, string>;
  contentType: string | undefined;
  /** When it arrived, ms on the sandbox's clock. */
  at: number;
  /** How old its trigger was then, ms; undefined for calls without one. */
  triggerAgeMs?: number;
  /** What was answered: parsed JSON, or text. Undefined while (or for ever if) there is no answer. */
  answer: unknown;
  /** 0: no answer (yet). */
  status: number;
  httpMethod: string;
}

export interface Delivery {
  kind: 'command' | 'interaction' | 'event';
  /** Signed post, or a message of Socket Mode. */
  transport: 'http' | 'socket';
  /** The exact text that was sent: signed by HTTP, an envelope by socket. */
  body: string;
  payload: JsonObject;
  /** None by socket. */
  headers: Record<string, string>;
  /** 1 for the first post, 2 to 4 for an event's retries (`X-Slack-Retry-Num` or `retry_attempt` is one less). */
  attempt: number;
  /** Undefined: no answer. */
  status: number | undefined;
  responseBody: string;
  /** Why there was no answer in time: `http_timeout`, `connection_failed`; or `http_error` for a status that is not 2xx. */
  error?: string;
  /** The app answered with `X-Slack-No-Retry: 1`: an event is not sent again. */
  noRetry?: true;
  durationMs: number;
  /** When it was sent, ms on the sandbox's clock. */
  at: number;
}

export interface GestureOptions {
  /** The gesture happened this long ago: the trigger is that old, and so is `X-Slack-Request-Timestamp`. */
  triggerAgeMs?: number;
  omitTriggerId?: boolean;
  /** Where the organisation stands in the payload, if not in `enterprise` as well: in `team.enterprise_id` alone, or nowhere. */
  organisation?: 'in_team' | 'nowhere';
  /** Whole seconds; takes the place of the computed `X-Slack-Request-Timestamp`. */
  timestamp?: number;
}

/** Each doing resolves once the app's HTTP answer is in and what it carries has been applied. */
export interface Person {
  id: string;
  runCommand(command: string, text?: string, options?: GestureOptions): Promise<Delivery>;
  /** The newest visible button with that text, in the open modal or in a message. Throws, listing the buttons. */
  press(label: string, options?: GestureOptions): Promise<Delivery>;
  /**
   * Sets a select by its block's label or its placeholder, in the open modal or dialog or the newest message having
   * it. Outside input blocks Slack tells the app at once (block_actions): that goes on in the background, and `press`
   * and `submit` wait for the app's answer to it.
   */
  choose(label: string, optionTexts: string[]): void;
  /** Fills a text field of the open modal or dialog. */
  type(label: string, text: string): void;
  /** Opens the app's Home tab: `app_home_opened` is sent. */
  openHome(): Promise<Delivery>;
  /** A global shortcut. */
  runShortcut(callbackId: string, options?: GestureOptions): Promise<Delivery>;
  /** The open modal (`view_submission`) or legacy dialog (`dialog_submission`). */
  submit(options?: GestureOptions): Promise<Delivery>;
  /** Closes it; posts only if the app asked for that (`notify_on_close`, `notify_on_cancel`). */
  cancel(): Promise<Delivery | undefined>;
  /** The permission modal: all that it asks for, or some of it. */
  allow(scopes?: string[]): Promise<Delivery>;
  deny(): Promise<Delivery>;
  closePrompt(): void;

  /** The address of a link or url button by its label, in the open modal or the newest message having it. Throws, listing the links. */
  link(label: string): string;
  /** This person's browser: the same one in every workspace. */
  browser: Browser;

  prompt(): Prompt | undefined;
  surface(): Surface | undefined;
  /** The Home tab, once the app has published it. */
  home(): SeenHome | undefined;
  /** Ephemeral to this person, the DM with the app, and channels; oldest first. */
  messages(): SeenMessage[];
  lastMessage(): SeenMessage | undefined;
}

/** A small browser with a cookie jar. It speaks HTTP with anything on this machine, goes nowhere else, and runs no script. */
export interface Browser {
  /** Follows redirects. */
  open(url: string): Promise<Page>;
  /** From now on Slack's own pages see another Slack account in this browser. */
  signInAs(userId: string): void;
}

export interface Page {
  /** Where the redirects ended. */
  url: string;
  status: number;
  headers: Record<string, string>;
  /** What can be read on it. */
  text: string;
  html: string;
  /** The address of a link by its text (of a picture: its `alt`). Throws, listing the links. */
  link(label: string): string;
  /** What Slack's consent page asks for; undefined on any other page. */
  authorize?: AuthorizeQuestion;
  /** Where the browser would have gone: with `dropRedirect`, and where an address is not on this machine (`slack://…`). */
  redirect?: string;
  /** Presses Allow or Deny on Slack's consent page. Resolves with the app's page that the browser is sent to. */
  allow(options?: AllowOptions): Promise<Page>;
  deny(options?: DenyOptions): Promise<Page>;
}

export interface AuthorizeQuestion {
  /** Who is signed in. */
  userId: string;
  /** The user scopes. */
  scopes: { scope: string; optional: boolean; granted: boolean }[];
  botScopes: string[];
  /** Where it can be granted: workspaces of this person, and the organisation where the app can be installed there. */
  teams: { id: string; name: string }[];
}

export interface AllowOptions {
  /** Optional scopes to leave out. */
  untick?: string[];
  /** Default: the first of `teams`. */
  teamId?: string;
  /** Installs in the whole organisation. */
  orgWide?: true;
  /** Stops before the app is called: `redirect` says with what it would have been. */
  dropRedirect?: true;
}

export interface DenyOptions {
  /** Slack says no for a reason of its own, such as an app that no admin has approved: without a description. */
  bySlack?: true;
  /** As in `AllowOptions`. */
  dropRedirect?: true;
}

/** The permission modal on a person's screen. */
export interface Prompt {
  scopes: string[];
  appName: string;
}

/** The open modal or dialog on a person's screen, as text. */
export interface Surface {
  kind: 'modal' | 'dialog';
  title: string;
  texts: string[];
  /** By block_id (modal) or element name (dialog). '' holds what concerns the whole form. */
  errors: Record<string, string>;
  /** Labels of what can be filled in. */
  fields: string[];
}

/** The app's Home tab as a person sees it. */
export interface SeenHome {
  /** All visible text of the blocks from top to bottom, mrkdwn as sent. */
  texts: string[];
  buttons: string[];
}

export interface SeenMessage {
  ts: string;
  channel: string;
  ephemeral: boolean;
  /** The fallback text. */
  text: string;
  /** All visible text of the blocks joined by \n, mrkdwn as sent; the fallback text if there are no blocks. */
  plain: string;
  buttons: string[];
  blocks: unknown[];
}

export interface Faults {
  /** The next `times` calls of the method (default 1) get this answer. Queued: called twice, both come, in order. */
  answerNext(method: string, answer: Answer, times?: number): void;
  /** Every call gets it, after what is queued; undefined ends that. */
  answerAlways(method: string, answer: Answer | undefined): void;
  /** As if the network had failed: every connection to Slack breaks at once, idle ones too. New ones can be made. */
  dropConnections(): void;
}

/**
 * An answer that takes the place of the method's own. With neither `body`, `text`, `status`, `hang: true` nor
 * `reset: true`, the method's own answer is sent, with these `headers` and after `delayMs`.
 */
export interface Answer {
  /** JSON. */
  body?: unknown;
  /** Raw, such as HTML. */
  text?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Waits this long, on the clock, before the method runs; with `afterEffect`, between running it and answering. */
  delayMs?: number;
  /** Never answers; `midway`: sends the headers and the first half of an answer, and never the rest. */
  hang?: true | 'midway';
  /** The socket is destroyed; `midway`: after the headers and the first half of an answer. */
  reset?: true | 'midway';
  /** The body goes on and on, until the caller closes the connection. */
  endless?: true;
  /** The real method runs (the modal is shown), and then this answer is sent instead. */
  afterEffect?: true;
}

// --------------------------------------------------------------------------------------- the /client/ API

/** What an input holds, as Slack writes it in `state.values`: `{ type, value | selected_option | selected_options | … }`. */
export type ElementState = JsonObject;
/** block_id → action_id → state. */
export type StateValues = Record<string, Record<string, ElementState>>;

export interface ClientMessage extends SeenMessage {
  /** Who wrote it: the app's bot user, or Slackbot (`USLACKBOT`) when the app did not answer. */
  author: { id: string; name: string };
  /** Ms on the sandbox's clock. */
  at: number;
  edited: boolean;
  /** What this person has set in its inputs, over their initial values. */
  values: StateValues;
}

/** The modal on top of this person's stack; `view` is what the app sent, with ids and defaults filled in by Slack. */
export interface ClientModal {
  kind: 'modal';
  id: string;
  view: JsonObject;
  values: StateValues;
  /** By block_id; '' holds what concerns the whole form. */
  errors: Record<string, string>;
  /** How many views lie on the stack, this one included. */
  depth: number;
}

/** The app's Home tab; `view` is what the app published, with ids filled in by Slack. */
export interface ClientHome {
  id: string;
  view: JsonObject;
  values: StateValues;
  /** '' holds what concerns the whole tab. */
  errors: Record<string, string>;
}

/** The legacy dialog; `dialog` is what the app sent: callback_id, title, submit_label, elements, state, notify_on_cancel. */
export interface ClientDialog {
  kind: 'dialog';
  id: string;
  dialog: JsonObject;
  /** By element name. */
  values: Record<string, string>;
  /** By element name; '' holds what concerns the whole form. */
  errors: Record<string, string>;
}

export type ClientSurface = ClientModal | ClientDialog;

/** One line of what went over the wire, newest last. */
export interface ClientLogLine {
  at: number;
  /** `call`: the app called Slack. Others: Slack posted to the app. */
  kind: 'call' | 'command' | 'interaction' | 'event';
  /** The method, the command, the interaction's type or the event's type. */
  name: string;
  /** Who it concerns, where that is known. */
  user?: string;
  /** The HTTP status; undefined: no answer (yet). */
  status?: number;
  /** `ok`, Slack's error name, or why there was no answer; `waiting` while there is none yet. */
  outcome: string;
  attempt: number;
  /** Undefined for calls. */
  durationMs?: number;
  /** For calls that use up a trigger: how old it was. */
  triggerAgeMs?: number;
  /** What matters of the arguments, short: scopes, text of a command. */
  detail: string;
}

export interface ClientState {
  team: { id: string; name: string; domain: string };
  appName: string;
  users: SandboxUser[];
  /** The user id that the state was asked for. */
  me: string;
  /** Where a command can be typed: #general and the DM with the app. */
  channels: { id: string; name: string; isIm: boolean }[];
  /** The slash commands and global shortcuts of the manifest. */
  commands: { command: string; description: string; usageHint: string }[];
  shortcuts: { callbackId: string; name: string; description: string }[];
  messages: ClientMessage[];
  prompt: Prompt | null;
  surface: ClientSurface | null;
  /** Null before the app has published it. */
  home: ClientHome | null;
  /** What Slack holds: user id → scopes, sorted; every human user is a key. */
  granted: Record<string, string[]>;
  log: ClientLogLine[];
}

/** `POST /client/do`. Each acts exactly like the Person method of the same name. */
export type ClientDo = { user: string } & (
  | {
      do: 'command';
      command: string;
      text?: string;
      /** Where it is typed; default #general. */
      channel?: string;
    }
  /** Any interactive element: a button, or a select in a section or actions block, which Slack reports on each change. */
  | {
      do: 'press';
      /** One of the two says where the element is. */
      messageTs?: string;
      viewId?: string;
      blockId: string;
      actionId: string;
      /** What the inputs hold now; those left out keep what they held. */
      values?: StateValues;
    }
  | { do: 'open_home' }
  | { do: 'shortcut'; callbackId: string }
  | {
      do: 'submit';
      /** The open modal's inputs. */
      values?: StateValues;
      /** The open dialog's fields by element name. */
      submission?: Record<string, string>;
    }
  | { do: 'cancel' }
  | { do: 'allow'; scopes?: string[] }
  | { do: 'deny' }
  | { do: 'close_prompt' }
  | { do: 'take_back' }
);

/** Sent when the app's answer is in (`delivery` is null where nothing is posted). Refusals come with HTTP 400. */
export type ClientDone =
  | { ok: true; delivery: { status: number | null; error: string | null; durationMs: number } | null }
  | { ok: false; error: string };

// `GET /client/changes` is a stream of server-sent events: `event: change`, `data: <a number that grows>`.
