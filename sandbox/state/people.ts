import { installedApp } from '../app-manifest';
import type { SandboxUser } from '../types';

export const SLACKBOT_ID = 'USLACKBOT';
export const GENERAL_CHANNEL_ID = 'C0GENERAL';

export const team = { id: 'T0SANDBOX', name: 'Sandbox', domain: 'sandbox' };

export interface Channel {
  id: string;
  name: string;
  /** The person whose DM with the app this is; undefined for a channel that all are in. */
  imWith: string | undefined;
}

export type People = ReturnType<typeof createPeople>;

/** Who is in the workspace, and where they can talk: #general, and a DM with the app for each person. */
export function createPeople() {
  const users: SandboxUser[] = [
    { id: 'U0ADA', name: 'ada', realName: 'Ada Admin', isAdmin: true, isOwner: false, isBot: false },
    { id: 'U0BEN', name: 'ben', realName: 'Ben Member', isAdmin: false, isOwner: false, isBot: false },
    { id: 'U0CLEO', name: 'cleo', realName: 'Cleo Member', isAdmin: false, isOwner: false, isBot: false },
    {
      id: installedApp.botUserId,
      name: installedApp.botName.toLowerCase(),
      realName: installedApp.botName,
      isAdmin: false,
      isOwner: false,
      isBot: true,
    },
  ];
  const general: Channel = { id: GENERAL_CHANNEL_ID, name: 'general', imWith: undefined };
  const ims = users
    .filter((user) => !user.isBot)
    .map((user): Channel => ({ id: user.id.replace(/^U/, 'D'), name: 'directmessage', imWith: user.id }));
  const channels = [general, ...ims];

  const find = (userId: string) => users.find((user) => user.id === userId);

  function getHuman(userId: string): SandboxUser {
    const user = find(userId);
    if (user && !user.isBot) return user;
    const known = users.filter((other) => !other.isBot).map((other) => other.id);
    throw new Error(`There is no person ${userId} in the sandbox; there are ${known.join(', ')}.`);
  }

  return {
    users,
    humans: users.filter((user) => !user.isBot),
    find,
    getHuman,
    /** By a channel's id, or by a person's: their DM with the app. */
    findChannel: (id: string) => channels.find((channel) => channel.id === id || channel.imWith === id),
    channelsOf: (userId: string) =>
      channels.filter((channel) => channel.imWith === undefined || channel.imWith === userId),
    nameOf: (userId: string) => (userId === SLACKBOT_ID ? 'slackbot' : (find(userId)?.name ?? userId)),
  };
}
