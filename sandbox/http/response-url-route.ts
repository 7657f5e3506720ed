import { checkContent } from '../blocks/check-content';
import { isObject, parseJson, toText } from '../json';
import type { ResponseUrl } from '../state/response-urls';
import type { Slack } from '../state/slack';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Route, type RouteDependencies, toCall } from './api-route';
import { sendFaultyReply } from './faulty-reply';
import { readBody } from './read-body';
import { jsonReply, type Reply, sendReply, sendTooLarge, textReply } from './reply';

type Dependencies = Pick<RouteDependencies, 'slack' | 'faults' | 'journal'>;

/** `/response/<id>`: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export function createResponseUrlRoute({ slack, faults, journal }: Dependencies): Route {
  return async (req, res, url) => {
    if (req.method !== 'POST') return sendReply(res, textReply('invalid_http_method', 405));
    const body = await readBody(req);
    if (body === 'too_large') return sendTooLarge(res);
    const answer = readAnswer(req.headers['content-type'] ?? '', body.toString('utf8'));
    const call = toCall(slack, req, 'response_url', answer ?? {});
    journal.addCall(call);
    await sendFaultyReply({
      clock: slack.clock,
      fault: faults.take('response_url'),
      call,
      res,
      run: () => apply(slack, url.pathname.slice('/response/'.length), answer),
    });
    journal.updated();
  };
}

/** JSON, or a form whose `payload` is JSON. */
function readAnswer(contentType: string, body: string): JsonObject | undefined {
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  const parsed = parseJson(isForm ? (new URLSearchParams(body).get('payload') ?? '') : body);
  return isObject(parsed) ? parsed : undefined;
}

function apply(slack: Slack, id: string, answer: JsonObject | undefined): Reply {
  const workspace = slack.workspaces.find(({ responseUrls }) => responseUrls.has(id)) ?? slack.first;
  const place = workspace.responseUrls.use(id);
  if (typeof place === 'string') return jsonReply({ ok: false, error: place }, 404);
  if (!answer) return jsonReply({ ok: false, error: 'invalid_payload' }, 400);

  const original = findOriginal(workspace, place);
  if (answer.delete_original === true) {
    if (original) workspace.messages.remove(original);
    return textReply('ok');
  }
  const text = toText(answer.text);
  const refusal = checkContent(text, answer.blocks);
  if (refusal) {
    const { error, messages } = refusal;
    return jsonReply({ ok: false, error, response_metadata: { messages } }, 400);
  }
  const content = { text, blocks: answer.blocks };
  if (answer.replace_original === true && original) {
    workspace.messages.replace(original, content);
    return textReply('ok');
  }
  const ephemeralTo = answer.response_type === 'in_channel' ? undefined : place.userId;
  const { channel } = place;
  workspace.messages.add({ channel, author: workspace.team.botUserId, ephemeralTo }, content);
  return textReply('ok');
}

function findOriginal(workspace: Workspace, place: ResponseUrl) {
  return place.originalTs === undefined ? undefined : workspace.messages.find(place.originalTs);
}
