import { jsonReply, type Reply } from '../http/reply';
import { toText } from '../json';
import type { Slack } from '../state/slack';
import type { JsonObject } from '../types';
import type { Events } from '../wire/events';
import { authenticate } from './authenticate';
import { createMethodArgs, type Method, refuse } from './method';
import { methods } from './methods';
import type { ParsedRequest } from './parse-request';
import { placeOfCall } from './place-of-call';
import type { RateLimit } from './rate-limit';

interface Call {
  slack: Slack;
  events: Events;
  rateLimit: RateLimit;
  method: string;
  parsed: ParsedRequest;
  authorization: string | undefined;
}

/** Answers a Web API call: authentication first, then the rate limit, then the arguments, then the method. */
export function answerCall({ slack, events, rateLimit, method, parsed, authorization = '' }: Call): Reply {
  const found = methods.get(method);
  if (!found) return jsonReply({ ...refuse('unknown_method'), req_method: method });

  const bodyError = found.acceptsJson || !parsed.isJson ? parsed.error : 'invalid_post_type';
  const value = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? toText(parsed.args.token);
  // A token inside a body that cannot be read is no token: say what is wrong with the body instead.
  if (value === '' && !found.takesNoToken) return jsonReply(refuse(bodyError ?? 'not_authed'));
  const caller = authenticate(slack, found, value);
  if ('refusal' in caller) return jsonReply(caller.refusal);
  const args = createMethodArgs(parsed.args);
  const workspace = placeOfCall(slack, caller.token, args);

  const isOrgWide = caller.token !== undefined && caller.token.authorization.teamId === undefined;
  if (isOrgWide && !found.isOfOrganisation && slack.outOfReach.has(workspace.team.id)) {
    return jsonReply(refuse('team_access_not_granted'));
  }
  if (found.perMinute !== undefined) {
    const retryAfterS = rateLimit.take(`${workspace.team.id} ${method}`, found.perMinute);
    if (retryAfterS !== undefined) {
      return jsonReply(refuse('ratelimited'), 429, { 'Retry-After': String(retryAfterS) });
    }
  }
  const refusal = bodyError ?? argumentError(found, Object.keys(parsed.args));
  const { token, scopes } = caller;
  const answer = refusal
    ? refuse(refusal)
    : found.run(workspace, args, { slack, events, token, authorization });
  const headers = found.takesNoToken ? undefined : { 'X-OAuth-Scopes': scopes.join(',') };
  return jsonReply(withWarning(answer, parsed.warning), 200, headers);
}

function argumentError(method: Method, names: string[]): string | undefined {
  if (names.some((name) => /^\w+\[.*\]$/.test(name))) return 'invalid_array_arg';
  if (names.some((name) => !/^\w{1,100}$/.test(name))) return 'invalid_arg_name';
  if (method.argNames && names.some((name) => !method.argNames?.includes(name))) return 'invalid_arg_name';
  return undefined;
}

/** A warning does not change what happened: the call worked. */
function withWarning(answer: JsonObject, warning: string | undefined): JsonObject {
  if (warning === undefined || answer.ok !== true) return answer;
  const metadata = typeof answer.response_metadata === 'object' ? answer.response_metadata : {};
  return { ...answer, warning, response_metadata: { ...metadata, warnings: [warning] } };
}
