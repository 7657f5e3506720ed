import type { SandboxUser } from '../types';
import { SECOND_TEAM, type Team } from './teams';

export const SLACKBOT_ID = 'USLACKBOT';

export interface Channel {
  id: string;
  name: string;
  /** The person whose DM with the app this is; undefined for a channel that all are in. */
  imWith: string | undefined;
}

const PEOPLE: SandboxUser[] = [
  { id: 'U0ADA', name: 'ada', realName: 'Ada Admin', isAdmin: true, isOwner: false, isBot: false },
  { id: 'U0BEN', name: 'ben', realName: 'Ben Member', isAdmin: false, isOwner: false, isBot: false },
  { id: 'U0CLEO', name: 'cleo', realName: 'Cleo Member', isAdmin: false, isOwner: false, isBot: false },
];

/** She is in the second workspace only: whoever mixes the two up finds nobody of this id. */
const DORA: SandboxUser = {
  id: 'U0DORA',
  name: 'dora',
  realName: 'Dora Admin',
  isAdmin: true,
  isOwner: false,
  isBot: false,
};

export type People = ReturnType<typeof createPeople>;

/** Who is in a workspace, and where they can talk: #general, and a DM with the app for each person. */
export function createPeople(team: Team, botName: string) {
  const humans = team.id === SECOND_TEAM.id ? [...PEOPLE, DORA] : PEOPLE;
  const users: SandboxUser[] = [
    ...humans.map((user) => ({ ...user })),
    {
      id: team.botUserId,
      name: botName.toLowerCase(),
      realName: botName,
      isAdmin: false,
      isOwner: false,
      isBot: true,
    },
  ];
  const general: Channel = { id: team.generalId, name: 'general', imWith: undefined };
  const ims = humans.map(
    ({ id }): Channel => ({ id: id.replace(/^U0/, team.imPrefix), name: 'directmessage', imWith: id }),
  );
  const channels = [general, ...ims];

  const find = (userId: string) => users.find((user) => user.id === userId);

  function getHuman(userId: string): SandboxUser {
    const user = find(userId);
    if (user && !user.isBot) return user;
    const known = humans.map((other) => other.id);
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
