import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Route } from '../server';

/** Each has a route of its own: the server matches whole paths only. */
export const styleSheets = ['base', 'frame', 'forms', 'tables', 'log', 'history', 'picture', 'sync'].map(
  (name) => `${name}.css`,
);
export const clientModules = [
  'main.js',
  'enter.js',
  'times.js',
  'time-fields.js',
  'live.js',
  'opener.js',
  'copy.js',
  'poll.js',
];

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Where `npm run build` writes the modules, relative to the built server or, in tests, to the sources. */
const CLIENT_FOLDERS = [join(__dirname, 'client'), resolve(__dirname, '../../dist/web/admin/client')];

/** Styles and scripts. They are public: they hold nothing that is not in the repository. */
export function createAssetRoutes(): Route[] {
  return [
    ...[...styleSheets, 'icon.svg'].map((name) => toRoute(name, [join(__dirname, 'styles')])),
    ...clientModules.map((name) => toRoute(name, CLIENT_FOLDERS)),
  ];
}

function toRoute(name: string, folders: readonly string[]): Route {
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain';
  let kept: { body: Buffer; tag: string } | undefined;
  return {
    path: `/admin/assets/${name}`,
    method: 'GET',
    handler(request, response) {
      kept ??= readFirst(name, folders);
      if (kept === undefined) return void response.writeHead(404).end('Not found.');
      const headers = { etag: kept.tag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
      if (request.headers['if-none-match'] === kept.tag) return void response.writeHead(304, headers).end();
      response.writeHead(200, { ...headers, 'content-type': type }).end(kept.body);
    },
  };
}

/** Undefined before the first build. */
function readFirst(name: string, folders: readonly string[]): { body: Buffer; tag: string } | undefined {
  for (const folder of folders) {
    try {
      const body = readFileSync(join(folder, name));
      return { body, tag: `"${createHash('sha256').update(body).digest('base64url')}"` };
    } catch {
      // Tries the next folder.
    }
  }
  return undefined;
}
