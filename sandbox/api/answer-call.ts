import { jsonReply, type Reply } from '../http/reply';
import { toText } from '../json';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { createMethodArgs, type Method, refuse } from './method';
import { methods } from './methods';
import type { ParsedRequest } from './parse-request';
import type { RateLimit } from './rate-limit';

interface Call {
  workspace: Workspace;
  rateLimit: RateLimit;
  method: string;
  parsed: ParsedRequest;
  authorization: string | undefined;
}

/** Answers a Web API call: authentication first, then the rate limit, then the arguments, then the method. */
export function answerCall({ workspace, rateLimit, method, parsed, authorization }: Call): Reply {
  const found = methods.get(method);
  if (!found) return jsonReply({ ...refuse('unknown_method'), req_method: method });

  const bodyError = found.acceptsJson || !parsed.isJson ? parsed.error : 'invalid_post_type';
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? toText(parsed.args.token);
  // A token inside a body that cannot be read is no token: say what is wrong with the body instead.
  if (token === '') return jsonReply(refuse(bodyError ?? 'not_authed'));
  if (token !== workspace.token.value) return jsonReply(refuse('invalid_auth'));
  if (workspace.token.isRevoked) return jsonReply(refuse('token_revoked'));
  const provided = workspace.token.scopes.join(',');
  if (found.scope !== undefined && !workspace.token.scopes.includes(found.scope)) {
    return jsonReply({ ...refuse('missing_scope'), needed: found.scope, provided });
  }

  if (found.perMinute !== undefined) {
    const retryAfterS = rateLimit.take(method, found.perMinute);
    if (retryAfterS !== undefined) {
      return jsonReply(refuse('ratelimited'), 429, { 'Retry-After': String(retryAfterS) });
    }
  }
  const refusal = bodyError ?? argumentError(found, Object.keys(parsed.args));
  const answer = refusal ? refuse(refusal) : found.run(workspace, createMethodArgs(parsed.args));
  return jsonReply(withWarning(answer, parsed.warning), 200, { 'X-OAuth-Scopes': provided });
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
