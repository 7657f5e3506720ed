import { APP_IDS } from '../app-manifest';

export interface Enterprise {
  id: string;
  name: string;
  domain: string;
}

/** A workspace. Two of them share no channel and no message, also where people have the same ids in both. */
export interface Team {
  id: string;
  name: string;
  domain: string;
  /** Where all are and commands are typed. */
  generalId: string;
  /** What the id of a person's DM with the app begins with: `D0` and `BEN` of `U0BEN`. */
  imPrefix: string;
  /** The app's own user here: Slack gives it another id in each workspace. */
  botUserId: string;
  botId: string;
}

export const ENTERPRISE: Enterprise = {
  id: 'E0SANDBOX',
  name: 'Sandbox Organisation',
  domain: 'sandbox-org',
};

export const FIRST_TEAM: Team = {
  id: 'T0SANDBOX',
  name: 'Sandbox',
  domain: 'sandbox',
  generalId: 'C0GENERAL',
  imPrefix: 'D0',
  botUserId: APP_IDS.botUserId,
  botId: APP_IDS.botId,
};

export const SECOND_TEAM: Team = {
  id: 'T0SECOND',
  name: 'Second',
  domain: 'sandbox-second',
  generalId: 'C0SECOND',
  imPrefix: 'D2',
  botUserId: 'U0APPSECOND',
  botId: 'B0APPSECOND',
};

/** In an organisation people, and the app's bot, have one id and one DM in all its workspaces. */
export function toEnterpriseTeam(team: Team): Team {
  const { imPrefix, botUserId, botId } = FIRST_TEAM;
  return { ...team, imPrefix, botUserId, botId };
}
