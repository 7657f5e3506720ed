import { Socket } from 'node:net';
import { sql } from 'kysely';
import { Client } from 'pg';
import { z } from 'zod';
import type { Clock, Timer } from '../runtime/clock';
import { every } from '../runtime/interval';
import { parseJson } from '../runtime/json';
import { type Change, type ChangeListener, topics } from './changes';
import type { Hearing } from './engine';
import { type PatientPool, STATEMENT_TIMEOUT_MS } from './postgres-pool';
import type { Queryable } from './schema';

const CHANNEL = 'scopekeeper_changes';
const PROOF_INTERVAL_MS = 5_000;
const HANGS_AFTER_MS = 2 * PROOF_INTERVAL_MS;
const CONNECT_AGAIN_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A notification has at most 8,000 bytes: https://www.postgresql.org/docs/current/sql-notify.html */
const LONGEST_TEXT = 7_000;

const spokenSchema = z.object({
  from: z.string(),
  topic: z.enum(topics).optional(),
  keys: z.array(z.string()).optional(),
  proof: z.number().optional(),
});

/** This process's changes, told to the others by the server's own notifications, which come with the commit. */
export async function announce(
  transaction: Queryable,
  from: string,
  changes: readonly Change[],
): Promise<void> {
  for (const text of changes.flatMap((change) => toTexts(from, change)))
    await sql`select pg_notify(${CHANNEL}, ${text})`.execute(transaction);
}

function toTexts(from: string, { topic, keys }: Change): string[] {
  const text = JSON.stringify({ from, topic, keys });
  if (keys.length === 1 || Buffer.byteLength(text) <= LONGEST_TEXT) return [text];
  const half = Math.ceil(keys.length / 2);
  return [keys.slice(0, half), keys.slice(half)].flatMap((part) => toTexts(from, { topic, keys: part }));
}

/**
 * Listens on a connection of its own. A pooler between us and the server can swallow notifications without a word: so
 * nothing counts as told until a notification that went out through the pool has come back, and again every few seconds.
 */
export function hearPostgres({
  url,
  pool,
  self,
  clock,
  listener,
}: {
  url: string;
  pool: PatientPool;
  /** Who speaks here: what it hears of itself is told already. */
  self: string;
  clock: Clock;
  listener: ChangeListener;
}): Hearing {
  let client: Client | undefined;
  let isClosed = false;
  let sent = 0;
  let heard = 0;
  let isProven = false;
  /** By the system's time, as the server's answers come; 0: not on this connection. */
  let provedAt = 0;
  let connecting = Promise.resolve();
  let again: Timer | undefined;
  /** Ends the connection at once: one that hangs does not end by being asked to. */
  let destroy = () => {};

  function hear(text: string | undefined): void {
    const spoken = spokenSchema.safeParse(parseJson(text ?? ''));
    if (!spoken.success) return;
    const { from, topic, keys, proof } = spoken.data;
    if (from !== self) {
      if (topic !== undefined && keys !== undefined) listener.changed({ topic, keys });
    } else if (proof !== undefined) {
      heard = proof;
      isProven = true;
      provedAt = performance.now();
    }
  }

  async function prove(): Promise<void> {
    // The one before has not come back. Where they have come before, the connection hangs: another is made.
    if (heard < sent) {
      if (provedAt > 0 && performance.now() - provedAt > HANGS_AFTER_MS) destroy();
      isProven = false;
    }
    if (client === undefined) return;
    sent += 1;
    await pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ from: self, proof: sent })]);
  }

  async function connect(): Promise<void> {
    const socket = new Socket();
    const own = new Client({
      connectionString: url,
      application_name: 'scopekeeper changes',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      stream: () => socket,
    });
    destroy = () => void socket.destroy();
    own.on('notification', ({ payload }) => hear(payload));
    own.once('end', () => {
      if (client === own) client = undefined;
      isProven = false;
      provedAt = 0;
      if (!isClosed) again = clock.setTimeout(beginToConnect, CONNECT_AGAIN_MS);
    });
    // Its end follows.
    own.on('error', () => {});
    try {
      await own.connect();
      await own.query(`listen ${CHANNEL}`);
      client = own;
      // What was committed before can have been missed.
      listener.lost();
      await prove();
    } catch {
      socket.destroy();
    }
  }

  function beginToConnect(): void {
    connecting = connect();
  }

  beginToConnect();
  const proofs = every(PROOF_INTERVAL_MS, clock, () => void prove().catch(() => undefined));

  return {
    isTold: () => isProven,
    async close() {
      isClosed = true;
      isProven = false;
      proofs.cancel();
      again?.cancel();
      destroy();
      await connecting;
    },
  };
}
