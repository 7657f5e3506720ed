import type { Server } from 'node:http';
import { createRateLimit } from './api/rate-limit';
import { installedApp } from './app-manifest';
import { createClientRoute } from './client/route';
import { readState } from './client/state';
import { systemClock } from './clock';
import { createFaults } from './faults';
import { takeBack } from './gestures/permission-modal';
import { createApiRoute } from './http/api-route';
import { createResponseUrlRoute } from './http/response-url-route';
import { createSandboxServer } from './http/server';
import { createPerson } from './person/person';
import { team } from './state/people';
import { createWorkspace } from './state/workspace';
import type { Person, Sandbox, SandboxOptions } from './types';
import { createActivity } from './wire/activity';
import { createEvents } from './wire/events';
import { createJournal } from './wire/journal';
import { createOutbox } from './wire/outbox';

export type {
  Answer,
  ApiCall,
  Delivery,
  Faults,
  GestureOptions,
  Person,
  Prompt,
  Sandbox,
  SandboxClock,
  SandboxOptions,
  SandboxUser,
  SeenMessage,
  Surface,
} from './types';

/** A small Slack workspace on this machine, reachable from this machine only. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    port = 0,
    clock = systemClock,
    signingSecret = 'sandbox-signing-secret-0123456789',
    botToken = 'xoxb-sandbox-0123456789',
    botScopes = installedApp.botScopes,
    requestUrl,
  } = options;
  const workspace = createWorkspace({ clock, botToken, botScopes });
  const { changed, grants, people, screens } = workspace;
  const journal = createJournal({ changed });
  const activity = createActivity();
  const outbox = createOutbox({ clock, journal, activity, signingSecret, requestUrl });
  const events = createEvents({ workspace, outbox, activity });
  const faults = createFaults();
  const rateLimit = createRateLimit({ clock });

  const persons = new Map<string, Person>();
  function as(userId: string): Person {
    const person = persons.get(userId) ?? createPerson(userId, { workspace, outbox, events });
    persons.set(userId, person);
    return person;
  }

  const server = createSandboxServer({
    clock: workspace.clock,
    api: createApiRoute({ workspace, rateLimit, faults, journal }),
    responseUrl: createResponseUrlRoute({ workspace, faults, journal }),
    client: createClientRoute({ workspace, outbox, events, journal, as }),
    clientState: (userId) => readState(workspace, journal, people.getHuman(userId).id),
  });
  const url = await listen(server, port);
  workspace.address.url = url;

  async function uninstall(): Promise<void> {
    const owners = grants.list().map((resource) => resource.id);
    workspace.token.isRevoked = true;
    for (const user of people.humans) screens.of(user.id).prompt = undefined;
    grants.clear();
    const tokens = { oauth: owners, bot: [installedApp.botUserId] };
    await Promise.all([
      events.send({ type: 'app_uninstalled' }).first,
      events.send({ type: 'tokens_revoked', tokens }).first,
    ]);
  }

  async function close(): Promise<void> {
    events.close();
    outbox.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await activity.settled();
  }

  return {
    url,
    apiUrl: `${url}/api/`,
    teamId: team.id,
    signingSecret,
    botToken,
    users: people.users,
    setRequestUrl: outbox.setRequestUrl,
    as,
    calls: journal.calls,
    callsTo: (method) => journal.calls.filter((call) => call.method === method),
    faults,
    sendEvent: (event, eventOptions) => events.send(event, eventOptions).final,
    deliveries: journal.deliveries,
    granted: grants.of,
    grantDirectly: grants.add,
    revokeDirectly: grants.remove,
    uninstall,
    takeBack: async (userId) => {
      await takeBack(workspace, events, screens.of(people.getHuman(userId).id));
    },
    settled: activity.settled,
    onChange: workspace.onChange,
    close,
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port.');
  return `http://127.0.0.1:${address.port}`;
}
