import type { SandboxClock } from '../types';
import { createChanges } from './changes';
import { createGrants } from './grants';
import { createIds } from './ids';
import { createMessages } from './messages';
import { createPeople } from './people';
import { createResponseUrls } from './response-urls';
import { createScreens } from './screens';
import { createTriggers } from './triggers';

export type Workspace = ReturnType<typeof createWorkspace>;

interface Options {
  clock: SandboxClock;
  botToken: string;
  botScopes: string[];
}

/** All that Slack knows. */
export function createWorkspace({ clock, botToken, botScopes }: Options) {
  const ids = createIds({ clock });
  const changes = createChanges();
  const people = createPeople();
  return {
    clock,
    ids,
    people,
    ...changes,
    /** Where the sandbox listens; known once it does. */
    address: { url: '' },
    token: { value: botToken, isRevoked: false, scopes: botScopes },
    triggers: createTriggers({ clock, ids }),
    grants: createGrants({ changed: changes.changed }),
    messages: createMessages({ clock, ids, people, changed: changes.changed }),
    screens: createScreens(),
    responseUrls: createResponseUrls({ clock, ids }),
  };
}
