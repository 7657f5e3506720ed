import type { IncomingMessage } from 'node:http';
import type { Slack } from '../state/slack';
import type { SandboxUser } from '../types';

const COOKIE = 'sandbox_user';

/** Everybody there is, in whichever workspace. */
export function listHumans({ workspaces }: Slack): SandboxUser[] {
  const humans = workspaces.flatMap(({ people }) => people.humans);
  return [...new Map(humans.map((user) => [user.id, user])).values()];
}

/** Who is signed in to Slack in this browser: by `?as=`, by the cookie, or the first there is. */
export function readSignedIn(slack: Slack, req: IncomingMessage, as: string | null): SandboxUser {
  const humans = listHumans(slack);
  const [ada] = humans;
  if (!ada) throw new Error('Nobody is in the sandbox.');
  const asked = humans.find(({ id }) => id === as);
  return asked ?? humans.find(({ id }) => id === cookieOf(req)) ?? ada;
}

/** The page of the workspace and the consent page see the same person in one browser. */
export function signInCookie(userId: string): string {
  return `${COOKIE}=${userId}; Path=/; HttpOnly; SameSite=Lax`;
}

function cookieOf(req: IncomingMessage): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}
