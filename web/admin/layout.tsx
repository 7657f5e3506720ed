import type { ServerResponse } from 'node:http';
import { type ComponentChildren, Fragment, h } from 'preact';
import { render } from 'preact-render-to-string';
import type { Member } from '../../services/slack/workspace';
import { styleSheets } from './assets';
import { PAGE_HEADERS } from './headers';

const NAV_ITEMS = [
  { path: '/admin/log', name: 'Log' },
  { path: '/admin/now', name: 'Now' },
  { path: '/admin/picture', name: 'Picture' },
  { path: '/admin/sync', name: 'Sync' },
  { path: '/admin/access', name: 'Access' },
] as const;

export type NavPath = (typeof NAV_ITEMS)[number]['path'];

interface Page {
  title: string;
  /** Undefined where nobody is signed in. */
  admin?: Member | undefined;
  navPath?: NavPath | undefined;
  /** Default: the client modules, where somebody is signed in. */
  script?: 'main.js' | 'enter.js' | undefined;
  children: ComponentChildren;
}

/** A whole page, readable before any script has run. JSX escapes its contents. */
export function sendAdminPage(
  response: ServerResponse,
  status: number,
  page: Page,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { ...PAGE_HEADERS, ...headers })
    .end(`<!doctype html>${render(<Document {...page} />)}`);
}

/** Redirects to another page of ours. */
export function sendSeeOther(
  response: ServerResponse,
  location: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(303, { ...PAGE_HEADERS, ...headers, location }).end();
}

/** A part of a page, which a client module inserts. */
export function sendPart(response: ServerResponse, status: number, children: ComponentChildren): void {
  response.writeHead(status, PAGE_HEADERS).end(render(h(Fragment, {}, children)));
}

function Document({ title, admin, navPath, script = admin && 'main.js', children }: Page) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} – Scopekeeper`}</title>
        <link rel="icon" href="/admin/assets/icon.svg" type="image/svg+xml" />
        {styleSheets.map((name) => (
          <link key={name} rel="stylesheet" href={`/admin/assets/${name}`} />
        ))}
        {script !== undefined && <script type="module" src={`/admin/assets/${script}`} />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="bar">
          <div class="bar-inner">
            <span class="brand">
              <img src="/admin/assets/icon.svg" alt="" width="22" height="22" />
              Scopekeeper
            </span>
            {admin !== undefined && <Navigation admin={admin} navPath={navPath} />}
          </div>
        </header>
        <main id="main" tabIndex={-1} class={admin === undefined ? 'narrow' : ''}>
          {children}
        </main>
      </body>
    </html>
  );
}

function Navigation({ admin, navPath }: { admin: Member; navPath: NavPath | undefined }) {
  return (
    <>
      <nav aria-label="Pages">
        <ul>
          {NAV_ITEMS.map(({ path, name }) => (
            <li key={path}>
              <a href={path} aria-current={path === navPath ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <form class="who" method="post" action="/admin/sign-out">
        <span class="who-id">
          <bdi>{admin.userId}</bdi> <span class="soft">in</span> <bdi>{admin.teamId}</bdi>
        </span>
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </>
  );
}
