import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';

export interface Asset {
  type: string;
  body: Buffer;
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const PREACT = dirname(require.resolve('preact/package.json'));

/** Preact's own files, as they lie in node_modules; the import map of the page points here. */
const VENDOR: Record<string, string> = {
  '/page/vendor/preact.js': join(PREACT, 'dist/preact.module.js'),
  '/page/vendor/preact-hooks.js': join(PREACT, 'hooks/dist/hooks.module.js'),
  '/page/vendor/preact-jsx-runtime.js': join(PREACT, 'jsx-runtime/dist/jsxRuntime.module.js'),
};

const ABOVE = resolve(__dirname, '..');
/** The folder of this package, from the sources as well as from `dist/`. */
const PACKAGE = basename(ABOVE) === 'dist' ? dirname(ABOVE) : ABOVE;
const STYLES = join(PACKAGE, 'page/styles');
/** Where the second tsc project writes to. */
const MODULES = join(PACKAGE, 'dist/page/client');

/** Read anew each time: there are few readers, and a rebuild shows at the next reload. */
export function findAsset(pathname: string): Asset | undefined {
  const file = fileOf(pathname);
  const type = file ? TYPES[extname(file)] : undefined;
  return file && type ? { type, body: readFileSync(file) } : undefined;
}

function fileOf(pathname: string): string | undefined {
  if (pathname === '/favicon.ico') return join(STYLES, 'icon.svg');
  const vendor = VENDOR[pathname];
  if (vendor) return vendor;
  const [, , kind, ...rest] = pathname.split('/');
  if (kind === 'styles') return inside(STYLES, rest.join('/'));
  if (kind !== 'modules') return undefined;
  // tsc leaves `import './message'` as it is: the browser asks for it without an ending.
  const name = rest.join('/').replace(/\.js$/, '');
  return inside(MODULES, `${name}.js`);
}

/** The file of that name in the folder; nothing where a name climbs out of it. */
function inside(folder: string, name: string): string | undefined {
  const file = resolve(folder, name);
  return file.startsWith(folder + sep) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}
