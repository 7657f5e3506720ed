import type { Installation } from '@slack/bolt';

/** Requests are spread over so many: the app lets ten exchanges a workspace be under way at once. */
export const WORKSPACES = 20;

export function toTeamId(place: number): string {
  return `T0BENCH${(place % WORKSPACES).toString().padStart(2, '0')}`;
}

export function toUserId(place: number): string {
  return `U0${place.toString(36).toUpperCase().padStart(8, '0')}`;
}

/** What was written when the app was installed in a workspace, as `@slack/oauth` hands it to a store. */
export function toInstallation(number: number): Installation<'v2', false> {
  return {
    team: { id: toTeamId(number), name: `Bench ${number}` },
    enterprise: undefined,
    isEnterpriseInstall: false,
    user: { id: 'U0INSTALLER', token: undefined, scopes: undefined },
    bot: {
      token: `xoxb-bench-${number}`,
      scopes: ['commands', 'chat:write'],
      id: 'B0BENCH',
      userId: 'U0BOT',
    },
    appId: 'A0BENCH',
    tokenType: 'bot',
    authVersion: 'v2',
  };
}
