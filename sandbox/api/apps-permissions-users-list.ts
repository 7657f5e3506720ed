import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Method, type MethodArgs, refuse } from './method';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 999;
const CURSOR_PREFIX = 'user:';

function run(workspace: Workspace, args: MethodArgs): JsonObject {
  const limit = args.has('limit') ? Number(args.text('limit')) : LIMIT_DEFAULT;
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return refuse('invalid_arguments');

  const after = args.has('cursor') ? readCursor(args.text('cursor')) : '';
  if (after === undefined) return refuse('invalid_cursor');

  const rest = workspace.grants.list().filter((resource) => resource.id > after);
  const resources = rest.slice(0, limit);
  const last = resources.at(-1);
  const nextCursor = last && rest.length > limit ? toCursor(last.id) : '';
  return { ok: true, resources, response_metadata: { next_cursor: nextCursor } };
}

/** The last id of the page: grants that come and go between two pages shift nothing. */
function toCursor(userId: string): string {
  return Buffer.from(CURSOR_PREFIX + userId).toString('base64');
}

function readCursor(cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  return text.startsWith(CURSOR_PREFIX) ? text.slice(CURSOR_PREFIX.length) : undefined;
}

export const appsPermissionsUsersList: Method = {
  run,
  acceptsJson: false,
  isOfWorkspaceApps: true,
  argNames: ['token', 'cursor', 'limit'],
  perMinute: 20,
};
