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
