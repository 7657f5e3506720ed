import { request } from 'undici';
import type { Browser, Page, SandboxClock } from '../types';
import { createCookieJar } from './cookie-jar';
import { type Answered, toPage, type Visit } from './page';

const REDIRECTS_FOLLOWED = 10;

interface Options {
  clock: SandboxClock;
  /** Where Slack's own pages are. */
  slackUrl: string;
  userId: string;
  /** Throws for one who does not exist. */
  getCookie: (userId: string) => string;
}

/** Real HTTP, and what a browser keeps between two requests. */
export function createBrowser({ clock, slackUrl, userId, getCookie }: Options): Browser {
  const jar = createCookieJar({ now: clock.now });

  function signInAs(id: string): void {
    jar.store(new URL('/', slackUrl), getCookie(id));
  }

  async function visit({ url, form, follows = true }: Visit): Promise<Answered> {
    let next = { url: new URL(url), form };
    for (let hop = 0; hop <= REDIRECTS_FOLLOWED; hop += 1) {
      const answered = await send(next.url, next.form);
      const { location } = answered.headers;
      if (location === undefined || answered.status < 300 || answered.status > 399) return answered;
      const target = new URL(location, next.url);
      if (!follows || !isHere(target)) return { ...answered, redirect: target.href };
      // Only these two keep the method; the others are followed with a GET.
      next = { url: target, form: [307, 308].includes(answered.status) ? next.form : undefined };
    }
    throw new Error(`${url} leads from one redirect to the next.`);
  }

  async function send(url: URL, form: URLSearchParams | undefined): Promise<Answered> {
    if (!isHere(url))
      throw new Error(`The sandbox's browser stays on this machine; it does not open ${url.href}.`);
    const cookie = jar.headerFor(url);
    // Not `fetch`: it refuses some ports that a server may well have, 4190 among them.
    const response = await request(url, {
      method: form ? 'POST' : 'GET',
      reset: true,
      headers: {
        accept: 'text/html,*/*;q=0.8',
        'user-agent': 'Mozilla/5.0 (sandbox browser)',
        ...(cookie === '' ? {} : { cookie }),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(form ? { body: form.toString() } : {}),
    });
    const html = await response.body.text();
    const headers = Object.entries(response.headers);
    for (const set of [response.headers['set-cookie'] ?? []].flat()) jar.store(url, set);
    const joined = headers.map(([name, value]): [string, string] => [name, [value ?? ''].flat().join(', ')]);
    return { url: url.href, status: response.statusCode, headers: Object.fromEntries(joined), html };
  }

  const go = async (where: Visit): Promise<Page> => toPage(await visit(where), go);

  signInAs(userId);
  return { signInAs, open: (url) => go({ url }) };
}

/** Not `slack://`, and no other machine: no test is to leave this one by a redirect. */
function isHere({ protocol, hostname }: URL): boolean {
  const isLoopback =
    ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
  return /^https?:$/.test(protocol) && isLoopback;
}
