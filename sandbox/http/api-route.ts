import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerCall } from '../api/answer-call';
import { parseRequest } from '../api/parse-request';
import type { RateLimit } from '../api/rate-limit';
import type { FaultQueue } from '../faults';
import type { Slack } from '../state/slack';
import type { ApiCall, JsonObject } from '../types';
import type { Events } from '../wire/events';
import type { Journal } from '../wire/journal';
import { sendFaultyReply } from './faulty-reply';
import { readBody } from './read-body';
import { jsonReply, sendReply, sendTooLarge } from './reply';

export interface RouteDependencies {
  slack: Slack;
  rateLimit: RateLimit;
  faults: FaultQueue;
  journal: Journal;
}

interface Dependencies extends RouteDependencies {
  events: Events;
}

export type Route = (req: IncomingMessage, res: ServerResponse, url: URL) => Promise<void>;

/** `/api/<method>` */
export function createApiRoute({ slack, events, rateLimit, faults, journal }: Dependencies): Route {
  return async (req, res, url) => {
    if (req.method !== 'GET' && req.method !== 'POST') {
      return sendReply(res, jsonReply({ ok: false, error: 'invalid_http_method' }, 405));
    }
    const body = await readBody(req);
    if (body === 'too_large') return sendTooLarge(res);
    const method = url.pathname.slice('/api/'.length);
    const parsed = await parseRequest(req, url, body);
    const call = toCall(slack, req, method, parsed.args);
    journal.addCall(call);
    const { authorization } = req.headers;
    await sendFaultyReply({
      clock: slack.clock,
      fault: faults.take(method),
      call,
      res,
      run: () => answerCall({ slack, events, rateLimit, method, parsed, authorization }),
    });
    journal.updated();
  };
}

export function toCall(slack: Slack, req: IncomingMessage, method: string, args: JsonObject): ApiCall {
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
    at: slack.clock.now(),
    triggerAgeMs: triggerAge(slack, String(args.trigger_id)),
    answer: undefined,
    status: 0,
    httpMethod: req.method ?? '',
  };
}

function triggerAge({ workspaces }: Slack, triggerId: string): number | undefined {
  return workspaces.map(({ triggers }) => triggers.ageOf(triggerId)).find((age) => age !== undefined);
}
