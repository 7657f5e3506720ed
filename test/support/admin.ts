import { request } from 'undici';
import type { Person } from '../../sandbox/types';
import type { Harness } from './harness';

export interface AdminAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

interface Asked {
  method?: 'GET' | 'POST';
  cookie?: string;
  origin?: string | undefined;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** One request as a browser makes it; redirects are not followed. */
export async function visit(
  harness: Harness,
  path: string,
  { method = 'GET', cookie, form, headers = {}, ...asked }: Asked = {},
): Promise<AdminAnswer> {
  const origin = 'origin' in asked ? asked.origin : method === 'POST' ? harness.url('') : undefined;
  const response = await request(path.startsWith('http') ? path : harness.url(path), {
    method,
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(origin !== undefined && { origin }),
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: await response.body.text(),
  };
}

/** Types `/permissions log`, and answers with the private link under it: at the address that this app has. */
export async function askForLink(harness: Harness, person: Person): Promise<string> {
  await person.runCommand('/permissions', 'log');
  await harness.settled();
  return person.link('Open the grant log in your browser');
}

/** The press of the button on the page that a link opens: the script there takes what stands behind the #. */
export function pressSignIn(
  harness: Harness,
  link: string,
  asked: Pick<Asked, 'cookie' | 'origin' | 'headers'> = {},
): Promise<AdminAnswer> {
  const form = { link: new URL(link).hash.slice(1) };
  return visit(harness, new URL(link).pathname, { method: 'POST', form, ...asked });
}

/** Uses a link up; answers with the cookie. */
export async function signInBy(harness: Harness, link: string): Promise<string> {
  const done = await pressSignIn(harness, link);
  if (done.status !== 303) throw new Error(`not signed in: ${done.status} ${done.text}`);
  return String(done.headers['set-cookie']).split(';')[0] ?? '';
}

export async function signIn(harness: Harness, person: Person): Promise<string> {
  return signInBy(harness, await askForLink(harness, person));
}

/** What can be read on a page, in a line. */
export function toText(html: string): string {
  return html
    .replace(/<(head|script|svg)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}
