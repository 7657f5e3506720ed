import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerCall } from '../api/answer-call';
import { parseRequest } from '../api/parse-request';
import type { RateLimit } from '../api/rate-limit';
import type { FaultQueue } from '../faults';
import type { Workspace } from '../state/workspace';
import type { ApiCall, JsonObject } from '../types';
import type { Journal } from '../wire/journal';
import { sendFaultyReply } from './faulty-reply';
import { readBody } from './read-body';
import { jsonReply, sendReply, sendTooLarge } from './reply';

export interface RouteDependencies {
  workspace: Workspace;
  rateLimit: RateLimit;
  faults: FaultQueue;
  journal: Journal;
}

export type Route = (req: IncomingMessage, res: ServerResponse, url: URL) => Promise<void>;

/** `/api/<method>` */
export function createApiRoute({ workspace, rateLimit, faults, journal }: RouteDependencies): Route {
  return async (req, res, url) => {
    if (req.method !== 'GET' && req.method !== 'POST') {
      return sendReply(res, jsonReply({ ok: false, error: 'invalid_http_method' }, 405));
    }
    const body = await readBody(req);
    if (body === 'too_large') return sendTooLarge(res);
    const method = url.pathname.slice('/api/'.length);
    const parsed = await parseRequest(req, url, body);
    const call = toCall(workspace, req, method, parsed.args);
    journal.addCall(call);
    const { authorization } = req.headers;
    await sendFaultyReply({
      clock: workspace.clock,
      fault: faults.take(method),
      call,
      res,
      run: () => answerCall({ workspace, rateLimit, method, parsed, authorization }),
    });
    journal.updated();
  };
}

export function toCall(
  workspace: Workspace,
  req: IncomingMessage,
  method: string,
  args: JsonObject,
): ApiCall {
  const texts = Object.entries(args).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const headers = Object.entries(req.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method,
    args: Object.fromEntries(texts),
    headers: Object.fromEntries(headers),
    contentType: req.headers['content-type'],
    at: workspace.clock.now(),
    triggerAgeMs: workspace.triggers.ageOf(String(args.trigger_id)),
    answer: undefined,
    status: 0,
    httpMethod: req.method ?? '',
  };
}
