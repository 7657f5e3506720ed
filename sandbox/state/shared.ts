import type { InstalledApp } from '../app-manifest';
import { createTickets } from '../socket/tickets';
import type { SandboxClock } from '../types';
import { createAuthorizations } from './authorizations';
import { createChanges } from './changes';
import { createCodes } from './codes';
import { createIds } from './ids';
import { ENTERPRISE } from './teams';

/** What Slack knows of the app from its settings, and how this Slack is to behave. */
export interface SlackOptions {
  app: InstalledApp;
  clock: SandboxClock;
  appToken: string;
  clientId: string;
  clientSecret: string;
  redirectUrl: string | undefined;
  optionalScopes: string[];
  isRetired: boolean;
  tokenRotation: boolean;
  isEnterprise: boolean;
}

export type Shared = ReturnType<typeof createShared>;

/** What is the same in every workspace. */
export function createShared(options: SlackOptions) {
  const { app, clock, appToken, clientId, clientSecret, redirectUrl, optionalScopes, isRetired } = options;
  const ids = createIds({ clock });
  const changes = createChanges();
  return {
    app,
    clock,
    ids,
    ...changes,
    /** Where the sandbox listens, and where its response_urls lead; known once it does. */
    address: { url: '', hooksUrl: '' },
    enterprise: options.isEnterprise ? ENTERPRISE : undefined,
    /** The app-level token, which opens sockets. */
    appToken,
    tickets: createTickets({ ids }),
    client: { id: clientId, secret: clientSecret, redirectUrl, optionalScopes },
    isRetired,
    /** Workspaces of the organisation that its install does not reach. */
    outOfReach: new Set<string>(),
    authorizations: createAuthorizations({
      now: clock.now,
      ids,
      isRotating: options.tokenRotation,
      changed: changes.changed,
    }),
    codes: createCodes({ clock, ids }),
  };
}
