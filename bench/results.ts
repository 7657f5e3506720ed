import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findProjectRoot } from '../services/runtime/project-root';
import { describeMachine } from './machine';

const path = join(findProjectRoot(), 'bench', 'results.json');
const resultsSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

/** Writes the figures of one part of a bench into results.json, beside what other parts and benches have there. */
export function recordResults(bench: string, part: string, figures: Record<string, unknown>): void {
  const results = existsSync(path) ? resultsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
  const measured = { measured_at: new Date().toISOString(), machine: describeMachine(), ...figures };
  const next = { ...results, [bench]: { ...results[bench], [part]: measured } };
  writeFileSync(path, `${JSON.stringify(next, null, 2)}\n`);
}
