import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1c1d; --paper: #fff; --soft: #616061; --line: #ddd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #1a1d21; --soft: #ababad; --line: #3a3d42; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
code { padding: 0.1em 0.3em; border: 1px solid var(--line); border-radius: 4px; font-size: 0.9em; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: 0.875rem; }
`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // The address contains the code of Slack's redirect: it must be neither cached nor sent as a referrer.
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};

/** One page for a browser that comes from Slack. JSX escapes its contents. */
export function sendPage(
  response: ServerResponse,
  status: number,
  { title, children }: { title: string; children: ComponentChildren },
): void {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} – Scopekeeper`}</title>
        {/* Our own constant, as it is: the policy names it by its hash. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
          <footer>Scopekeeper</footer>
        </main>
      </body>
    </html>
  );
  response.writeHead(status, HEADERS).end(`<!doctype html>${render(page)}`);
}
