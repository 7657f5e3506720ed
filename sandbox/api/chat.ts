import { APP_IDS } from '../app-manifest';
import { checkContent } from '../blocks/check-content';
import type { MessageContent, StoredMessage } from '../state/messages';
import type { Channel } from '../state/people';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Method, type MethodArgs, refuse } from './method';

/** What is wrong with a message, as an answer; undefined: nothing. */
function contentRefusal(args: MethodArgs): JsonObject | undefined {
  const blocks = args.has('blocks') ? (args.json('blocks') ?? 'not JSON') : undefined;
  const refusal = checkContent(args.text('text'), blocks);
  if (!refusal) return undefined;
  if (refusal.messages.length === 0) return refuse(refusal.error);
  return { ...refuse(refusal.error, refusal.messages), errors: refusal.messages };
}

function contentOf(args: MethodArgs): MessageContent {
  return { text: args.text('text'), blocks: args.json('blocks') };
}

/** The message as the app gets to see it. */
export function toMessagePayload({ team }: Workspace, message: StoredMessage): JsonObject {
  return {
    type: 'message',
    user: message.author,
    bot_id: team.botId,
    app_id: APP_IDS.appId,
    team: team.id,
    text: message.text,
    ts: message.ts,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
  };
}

function findChannel(workspace: Workspace, args: MethodArgs): Channel | undefined {
  return workspace.people.findChannel(args.text('channel'));
}

/** The app's own message that is meant by `channel` and `ts`; ephemeral ones cannot be reached this way. */
function findOwnMessage(workspace: Workspace, args: MethodArgs): StoredMessage | JsonObject {
  const channel = findChannel(workspace, args);
  // Unlike chat.postMessage, these methods do not take a person's id for their DM.
  if (!channel || channel.id !== args.text('channel')) return refuse('channel_not_found');
  const message = workspace.messages.find(args.text('ts'));
  const isThere = message && message.channel === channel.id && message.ephemeralTo === undefined;
  return isThere ? message : refuse('message_not_found');
}

export const chatPostMessage: Method = {
  acceptsJson: true,
  scope: 'chat:write',
  run: (workspace, args) => {
    const channel = findChannel(workspace, args);
    if (!channel) return refuse('channel_not_found');
    const refusal = contentRefusal(args);
    if (refusal) return refusal;
    const place = { channel: channel.id, author: workspace.team.botUserId };
    const message = workspace.messages.add(place, contentOf(args));
    return { ok: true, channel: channel.id, ts: message.ts, message: toMessagePayload(workspace, message) };
  },
};

export const chatPostEphemeral: Method = {
  acceptsJson: true,
  scope: 'chat:write',
  run: (workspace, args) => {
    const channel = findChannel(workspace, args);
    if (!channel) return refuse('channel_not_found');
    const user = workspace.people.find(args.text('user'));
    if (!user || user.isBot) return refuse('user_not_in_channel');
    if (!workspace.people.channelsOf(user.id).includes(channel)) return refuse('user_not_in_channel');
    const refusal = contentRefusal(args);
    if (refusal) return refusal;
    const place = { channel: channel.id, author: workspace.team.botUserId, ephemeralTo: user.id };
    return { ok: true, message_ts: workspace.messages.add(place, contentOf(args)).ts };
  },
};

export const chatUpdate: Method = {
  acceptsJson: true,
  scope: 'chat:write',
  run: (workspace, args) => {
    const message = findOwnMessage(workspace, args);
    if (!isMessage(message)) return message;
    const refusal = contentRefusal(args);
    if (refusal) return refusal;
    workspace.messages.replace(message, contentOf(args));
    const { channel, ts, text } = message;
    return { ok: true, channel, ts, text, message: toMessagePayload(workspace, message) };
  },
};

export const chatDelete: Method = {
  acceptsJson: true,
  scope: 'chat:write',
  run: (workspace, args) => {
    const message = findOwnMessage(workspace, args);
    if (!isMessage(message)) return message;
    workspace.messages.remove(message);
    return { ok: true, channel: message.channel, ts: message.ts };
  },
};

function isMessage(found: StoredMessage | JsonObject): found is StoredMessage {
  return found.values instanceof Map;
}
