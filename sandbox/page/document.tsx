import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import { Page } from './view/page';
import type { PageActions, PageModel } from './view/page-context';

const STYLES = ['base', 'layout', 'chat', 'forms', 'modal', 'panel'];

const IMPORT_MAP = JSON.stringify({
  imports: {
    preact: '/page/vendor/preact.js',
    'preact/hooks': '/page/vendor/preact-hooks.js',
    'preact/jsx-runtime': '/page/vendor/preact-jsx-runtime.js',
  },
});

/** The import map has to stand in the page itself: its hash is the one exception to "scripts from files only". */
const IMPORT_MAP_HASH = createHash('sha256').update(IMPORT_MAP).digest('base64');

export const PAGE_HEADERS: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': [
    "default-src 'none'",
    `script-src 'self' 'sha256-${IMPORT_MAP_HASH}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

const NO_ACTIONS: PageActions = {
  act() {},
  go() {},
  saveDraft() {},
  showModal: () => () => {},
  focusInvalid() {},
  keepFocus() {},
  scrollToEnd() {},
};

/** The whole page as it stands now: to read before any script has run, and for the script to take over. */
export function renderDocument(model: PageModel): string {
  const body = renderToString(<Page {...model} actions={NO_ACTIONS} />);
  const styles = STYLES.map((name) => `<link rel="stylesheet" href="/page/styles/${name}.css">`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sandbox workspace</title>
<link rel="icon" href="/page/styles/icon.svg" type="image/svg+xml">
${styles}
<script type="importmap">${IMPORT_MAP}</script>
<script type="module" src="/page/modules/page/client/main.js"></script>
</head>
<body>
<div id="root">${body}</div>
<script type="application/json" id="model">${toScriptText(model)}</script>
</body>
</html>
`;
}

/** JSON that cannot end the script element it stands in, whatever somebody calls themselves. */
function toScriptText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
