import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { Database } from '../database/database';
import type { Clock } from '../runtime/clock';
import { findProjectRoot } from '../runtime/project-root';
import { createGauges } from './gauges';
import type { Metrics } from './metrics';
import { createPrometheusMetrics } from './prometheus';

/** What one app tells of itself: a registry of its own, not the process's. */
export interface WatchedApp {
  metrics: Metrics;
  /** The text that Prometheus reads, once there is a database to read. */
  createExposition(parts: {
    database: Database;
    clock: Clock;
    isTold: (sink: string, teamId: string) => boolean;
  }): { contentType: string; read(): Promise<string> };
}

export function createWatchedApp(): WatchedApp {
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
    createExposition(parts) {
      const gauges = createGauges({ registry, ...parts });
      let reading = Promise.resolve('');
      return {
        contentType: registry.contentType,
        // One after the other: the gauges of one reading must not be those of another.
        read() {
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
