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
