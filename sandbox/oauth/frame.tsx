import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';

const STYLES = ['base', 'layout', 'forms', 'modal', 'authorize'];

interface FrameProps {
  title: string;
  /** For programs that read the page: JSON under the id `authorize`. */
  model?: unknown;
  children: ComponentChildren;
}

/** A page of Slack's own, outside the workspace. It has no script. */
export function renderFrame({ title, model, children }: FrameProps): string {
  const styles = STYLES.map((name) => `<link rel="stylesheet" href="/page/styles/${name}.css">`).join('\n');
  // JSON that cannot end the script element it stands in, whatever somebody calls themselves.
  const json = model === undefined ? '' : JSON.stringify(model).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${renderToString(<title>{title}</title>)}
<link rel="icon" href="/page/styles/icon.svg" type="image/svg+xml">
${styles}
</head>
<body class="authorize-page">
${renderToString(<main class="authorize">{children}</main>)}
${json && `<script type="application/json" id="authorize">${json}</script>\n`}</body>
</html>
`;
}

/** `formTargets` are where its forms may lead: a browser follows a form's redirect only there. */
export function frameHeaders(formTargets: string[] = []): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    // Not `no-referrer`: with that, browsers send the form with `Origin: null`, which is refused.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
