import Module from 'node:module';
import { Server } from 'node:net';

// Loaded before an app whose start is looked into. It imports nothing from npm: that would count as loaded already.

/** Functions of ours between which a start is divided. */
const MARKED: Readonly<Record<string, string>> = {
  'services/config/config.js': 'loadConfig',
  'services/database/database.js': 'openDatabase',
  'services/services.js': 'createServices',
  'listeners/index.js': 'registerListeners',
};

interface Loaded {
  file: string;
  /** What the file itself took: read, compiled and run, without what it loads. */
  selfMs: number;
}

const loaded: Loaded[] = [];
const marks: Record<string, number> = { begun: performance.now() };
const childrenMs: number[] = [];

const load: unknown = Reflect.get(Module.prototype, 'load');
if (typeof load !== 'function') throw new Error('this Node loads modules in another way');

Reflect.set(Module.prototype, 'load', function loadTimed(this: NodeModule, file: string): void {
  childrenMs.push(0);
  const began = performance.now();
  try {
    Reflect.apply(load, this, [file]);
  } finally {
    const tookMs = performance.now() - began;
    loaded.push({ file, selfMs: tookMs - (childrenMs.pop() ?? 0) });
    childrenMs.push((childrenMs.pop() ?? 0) + tookMs);
  }
  markFunctions(file, this.exports);
});

function markFunctions(file: string, exported: unknown): void {
  const [, place = ''] = /\/dist\/(.*)$/.exec(file) ?? [];
  const name = MARKED[place];
  if (name === undefined || typeof exported !== 'object' || exported === null) return;
  const marked: unknown = Reflect.get(exported, name);
  if (typeof marked !== 'function') return;
  Reflect.set(exported, name, (...args: unknown[]): unknown => {
    marks[`${name} began`] = performance.now();
    const result: unknown = Reflect.apply(marked, undefined, args);
    const end = () => {
      marks[`${name} ended`] = performance.now();
    };
    if (result instanceof Promise) result.then(end, end);
    else end();
    return result;
  });
}

const listen: unknown = Reflect.get(Server.prototype, 'listen');
if (typeof listen !== 'function') throw new Error('this Node listens in another way');
Reflect.set(Server.prototype, 'listen', function listenTimed(this: Server, ...args: unknown[]): unknown {
  marks['listen began'] ??= performance.now();
  this.once('listening', () => {
    marks['listen ended'] ??= performance.now();
  });
  return Reflect.apply(listen, this, args);
});

process.once('message', () => {
  const edges = Object.values(require.cache).flatMap((parent) =>
    (parent?.children ?? []).map((child) => [parent?.filename ?? '', child.filename]),
  );
  process.send?.({ main: process.argv[1], timeOrigin: performance.timeOrigin, loaded, edges, marks });
});
