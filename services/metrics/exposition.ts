import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import { findProjectRoot } from '../runtime/project-root';
import { createGauges } from './gauges';
import { createPrometheusMetrics } from './prometheus';

export type AppMetrics = ReturnType<typeof createAppMetrics>;

/** The metrics of one app, in a registry of its own: tests run several in one process. */
export function createAppMetrics() {
  const registry = new Registry();
  const metrics = createPrometheusMetrics(registry);
  const build = new Gauge({
    name: 'scopekeeper_build_info',
    help: 'Always 1: which version this is, and on which Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  });
  build.set({ version: readVersion(), node: process.version }, 1);
  return {
    metrics,
    /** The text that Prometheus reads, once there is a database to read. */
    createExposition(parts: Omit<Parameters<typeof createGauges>[0], 'registry'>) {
      const gauges = createGauges({ registry, ...parts });
      let reading = Promise.resolve('');
      return {
        contentType: registry.contentType,
        // One after the other: concurrent readings would mix their gauges.
        read(): Promise<string> {
          reading = reading.then(gauges.read, gauges.read).then(() => registry.metrics());
          return reading;
        },
      };
    },
  };
}

function readVersion(): string {
  const text = readFileSync(join(findProjectRoot(), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
