import { APP_IDS } from '../app-manifest';
import { checkContent } from '../blocks/check-content';
import { isObject, parseJson, toText } from '../json';
import { SLACKBOT_ID } from '../state/people';
import type { Workspace } from '../state/workspace';
import type { Delivery, GestureOptions, JsonObject } from '../types';
import { isSuccess, type Outbox } from '../wire/outbox';
import { escapeCommandText } from './escape-text';
import { beginGesture, enterpriseFields, type Gesture, mintResponseUrl } from './gesture';

export interface TypedCommand {
  userId: string;
  command: string;
  text: string;
  /** Default: #general. */
  channel?: string;
  options?: GestureOptions;
}

/** https://docs.slack.dev/interactivity/implementing-slash-commands */
export async function sendCommand(
  workspace: Workspace,
  outbox: Outbox,
  typed: TypedCommand,
): Promise<Delivery> {
  const { team } = workspace;
  const channel = workspace.people.findChannel(typed.channel ?? team.generalId);
  if (!channel) throw new Error(`There is no channel ${typed.channel}.`);
  const gesture = beginGesture(workspace, typed.userId, channel.id, typed.options);
  const payload = {
    token: APP_IDS.verificationToken,
    team_id: team.id,
    team_domain: team.domain,
    ...enterpriseFields(workspace, gesture),
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: typed.userId,
    user_name: workspace.people.nameOf(typed.userId),
    command: typed.command,
    text: escapeCommandText(workspace, typed.command, typed.text),
    api_app_id: APP_IDS.appId,
    is_enterprise_install: String(workspace.isEnterpriseInstall()),
    response_url: mintResponseUrl(workspace, gesture),
    ...(typed.options?.omitTriggerId ? {} : { trigger_id: gesture.trigger.id }),
  };
  const delivery = await outbox.post({
    kind: 'command',
    body: new URLSearchParams(payload).toString(),
    contentType: 'application/x-www-form-urlencoded',
    payload,
    timestamp: gesture.timestamp,
  });
  showAnswer(workspace, gesture, typed.command, delivery);
  return delivery;
}

/** The body of the 200 is the quickest message of all; without a 2xx Slackbot tells the person. */
function showAnswer(workspace: Workspace, gesture: Gesture, command: string, delivery: Delivery): void {
  const { userId, channel } = gesture;
  const answer = readAnswer(delivery.responseBody);
  const text = toText(answer.text);
  const error = failureOf(delivery, checkContent(text, answer.blocks)?.error);
  if (error === 'no_text') return;
  if (error !== undefined) {
    const failure = { text: `${command} failed with the error "${error}"`, blocks: [] };
    workspace.messages.add({ channel, author: SLACKBOT_ID, ephemeralTo: userId }, failure);
    return;
  }
  const ephemeralTo = answer.response_type === 'in_channel' ? undefined : userId;
  const place = { channel, author: workspace.team.botUserId, ephemeralTo };
  workspace.messages.add(place, { text, blocks: answer.blocks });
}

function readAnswer(body: string): JsonObject {
  const parsed = parseJson(body);
  return isObject(parsed) ? parsed : { text: body.trim() };
}

/** `no_text` is no failure: an answer that says nothing only acknowledges. */
function failureOf(delivery: Delivery, contentError: string | undefined): string | undefined {
  if (delivery.error === 'http_timeout') return 'operation_timeout';
  if (!isSuccess(delivery.status)) return 'dispatch_failed';
  if (contentError === undefined || contentError === 'no_text') return contentError;
  return 'invalid_command_response';
}
