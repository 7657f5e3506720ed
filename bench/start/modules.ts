import { z } from 'zod';

/** What the hook in `load-hook.ts` tells of one start. */
export const traceSchema = z.object({
  main: z.string(),
  timeOrigin: z.number(),
  loaded: z.array(z.object({ file: z.string(), selfMs: z.number() })),
  edges: z.array(z.tuple([z.string(), z.string()])),
  marks: z.record(z.string(), z.number()),
});

export type Trace = z.infer<typeof traceSchema>;

/** What a package, or a part of ours, costs a start. */
export interface Cost {
  name: string;
  files: number;
  /** Its own files, without what they load. */
  selfMs: number;
  /** With all that only it needs: what a start without it would save. */
  saved: number;
}

/** By package, largest saving first; the parts of ours are not among them. */
export function costOfPackages(trace: Trace): Cost[] {
  return listCosts(trace, toPackage);
}

/** The files of ours, by what a start would save that did not load them. */
export function costOfOurFiles(trace: Trace): Cost[] {
  const folder = trace.main.replace(/[^/]*$/, '');
  return listCosts(trace, (file) =>
    toPackage(file) === undefined && file.startsWith(folder)
      ? file.slice(folder.length).replace(/\.js$/, '')
      : undefined,
  );
}

/** The package that a file is of; the innermost, where one has brought its own. */
export function toPackage(file: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function listCosts(trace: Trace, toName: (file: string) => string | undefined): Cost[] {
  const children = new Map<string, string[]>();
  for (const [parent, child] of trace.edges) children.set(parent, [...(children.get(parent) ?? []), child]);
  const selfMs = new Map(trace.loaded.map((one) => [one.file, one.selfMs]));
  const files = new Map<string, string[]>();
  for (const { file } of trace.loaded) {
    const name = toName(file);
    if (name !== undefined && file !== trace.main) files.set(name, [...(files.get(name) ?? []), file]);
  }
  const sum = (some: Iterable<string>) =>
    [...some].reduce((total, file) => total + (selfMs.get(file) ?? 0), 0);
  const all = sum(reach(trace.main, children, new Set()));
  return [...files]
    .map(([name, own]) => ({
      name,
      files: own.length,
      selfMs: sum(own),
      saved: all - sum(reach(trace.main, children, new Set(own))),
    }))
    .sort((a, b) => b.saved - a.saved);
}

/** All that is loaded by way of `from`, if some files are left out. */
function reach(from: string, children: ReadonlyMap<string, string[]>, without: ReadonlySet<string>) {
  const reached = new Set([from]);
  // A set that grows while it is walked is walked to its end.
  for (const file of reached) {
    for (const child of children.get(file) ?? []) if (!without.has(child)) reached.add(child);
  }
  return reached;
}
