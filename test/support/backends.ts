import type { Person } from '../../sandbox/types';
import type { Harness } from './harness';
import { openConsent } from './oauth';

/** The two ways in which a question reaches a person, and how they say yes. */
export interface AskingBackend {
  name: 'native' | 'oauth';
  /** For `startHarness`. */
  oauth: boolean;
  /** The call that uses up the trigger. */
  method: string;
  /** What stands on the person's screen asks for exactly this one. */
  isAsked(person: Person, scope: string): boolean;
  allow(harness: Harness, person: Person): Promise<void>;
  /** Without an answer. */
  close(person: Person): Promise<void>;
}

export const backends: AskingBackend[] = [
  {
    name: 'native',
    oauth: false,
    method: 'apps.permissions.users.request',
    isAsked: (person, scope) => person.prompt()?.scopes.join() === scope,
    async allow(harness, person) {
      await person.allow();
      await harness.settled();
    },
    close: async (person) => person.closePrompt(),
  },
  {
    name: 'oauth',
    oauth: true,
    method: 'views.open',
    isAsked: (person, scope) => person.surface()?.texts.join('\n').includes(`\`${scope}\``) ?? false,
    async allow(harness, person) {
      await (await openConsent(person)).allow();
      await harness.settled();
    },
    close: async (person) => void (await person.cancel()),
  },
];
