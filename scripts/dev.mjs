// `npm run dev`: the sandbox with the app, started again whenever a source file changes. A changed file is compiled by
// itself, in milliseconds; types are checked by the editor and by `npm run types`. Arguments go to the sandbox.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { watch } from 'chokidar';
import ts from 'typescript';

const SOURCES = [
  ...readdirSync('.').filter((name) => name.endsWith('.ts')),
  'manifest.json',
  'cli',
  'receivers',
  'listeners',
  'services',
  'web',
  'sandbox',
];
/** Saving all files of a change takes an editor so long. */
const SETTLE_MS = 50;
const base = ts.readConfigFile('tsconfig.base.json', ts.sys.readFile).config.compilerOptions;

/** The sandbox is a package of its own, with its own `dist/`. */
const toOutput = (path) =>
  path.startsWith(`sandbox${sep}`) ? join('sandbox', 'dist', path.slice(8)) : join('dist', path);

function compile(path) {
  const out = toOutput(path);
  mkdirSync(dirname(out), { recursive: true });
  if (!/\.tsx?$/.test(path)) return copyFileSync(path, out);
  const isClient = /[\\/]client[\\/]/.test(path);
  const { outputText, sourceMapText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    compilerOptions: {
      ...ts.convertCompilerOptionsFromJson({ ...base, sourceMap: true, noEmit: false }, '.').options,
      module: isClient ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
    },
  });
  const script = out.replace(/\.tsx?$/, '.js');
  writeFileSync(script, outputText);
  if (sourceMapText && !isClient) writeFileSync(`${script}.map`, sourceMapText);
}

let child;
let isRestarting = false;

function start() {
  isRestarting = false;
  child = spawn(
    process.execPath,
    ['--enable-source-maps', 'sandbox/dist/main.js', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  );
  child.on('exit', (code) => {
    if (isRestarting) start();
    else if (code) process.stdout.write('The sandbox has ended: it starts again at the next change.\n');
    else process.exit();
  });
}

function restart() {
  if (child.exitCode !== null) return start();
  isRestarting = true;
  child.kill('SIGTERM');
}

const changed = new Set();
let timer;

function take(path) {
  if (!['.ts', '.tsx', '.css', '.json'].includes(extname(path))) return;
  changed.add(path);
  clearTimeout(timer);
  timer = setTimeout(() => {
    process.stdout.write(`\n${[...changed].join(', ')} changed\n`);
    for (const one of changed) compile(one);
    changed.clear();
    restart();
  }, SETTLE_MS);
}

const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
watch(SOURCES, { ignoreInitial: true, ignored: /^sandbox[\\/](dist|test)([\\/]|$)/ })
  .on('add', take)
  .on('change', take);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
start();
