import type { AllowOptions, Page, Person } from '../../sandbox/types';
import type { Harness } from './harness';

/** Somebody opens the app's own address to install it, and allows it in Slack. */
export async function install(harness: Harness, person: Person, options?: AllowOptions): Promise<Page> {
  const page = await person.browser.open(harness.url('/slack/install'));
  const done = await page.allow(options);
  await harness.settled();
  return done;
}

/** Somebody asks by command, and has the modal on their screen. */
export async function ask(harness: Harness, person: Person, scopes: string): Promise<void> {
  await person.runCommand('/permissions', `request ${scopes}`);
  await harness.settled();
}

/** The link in the modal, opened in the person's own browser. */
export function openConsent(person: Person): Promise<Page> {
  return person.browser.open(person.link('Allow in Slack'));
}

/** Asks and allows. */
export async function consent(
  harness: Harness,
  person: Person,
  scopes: string,
  options?: AllowOptions,
): Promise<Page> {
  await ask(harness, person, scopes);
  const done = await (await openConsent(person)).allow(options);
  await harness.settled();
  return done;
}

/** What the app's own page answers to an address that came back from Slack. */
export function stateOf(url: string): string {
  return new URL(url).searchParams.get('state') ?? '';
}

/** Opens an address as browsers, scanners and messengers do before anybody wants it. */
export async function prefetch(url: string): Promise<void> {
  const ways: RequestInit[] = [
    { method: 'HEAD' },
    { headers: { 'sec-purpose': 'prefetch' } },
    { headers: { 'sec-purpose': 'prefetch;prerender' } },
    { headers: { purpose: 'prefetch' } },
    { headers: { 'x-moz': 'prefetch' } },
    { headers: { 'x-purpose': 'preview' } },
  ];
  for (const way of ways) {
    const response = await fetch(url, { ...way, redirect: 'manual' });
    // Neither a page that a browser would keep for later, nor a redirect that it would follow.
    if (response.headers.get('cache-control') !== 'no-store' || response.status === 302)
      throw new Error(`${url} was answered: ${response.status}`);
    if (way.method !== 'HEAD' && response.status !== 503) throw new Error(`${url}: ${response.status}`);
  }
}
