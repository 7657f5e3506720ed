import type { Server } from 'node:http';
import { createRateLimit } from './api/rate-limit';
import { loadManifest, readManifest } from './app-manifest';
import { createClientRoute } from './client/route';
import { readState } from './client/state';
import { systemClock } from './clock';
import { createDriver } from './driver';
import { createFaults } from './faults';
import { createApiRoute } from './http/api-route';
import { createResponseUrlRoute } from './http/response-url-route';
import { createSandboxServer } from './http/server';
import { createAuthorizeRoute } from './oauth/authorize-route';
import { createPersons } from './person/persons';
import { createSockets } from './socket/sockets';
import { createSlack } from './state/slack';
import type { Sandbox, SandboxOptions } from './types';
import { createActivity } from './wire/activity';
import { createEvents } from './wire/events';
import { createJournal } from './wire/journal';
import { createOutbox } from './wire/outbox';

export type * from './types';

const LOOPBACK = '127.0.0.1';

/** A small Slack workspace on this machine, reachable from this machine only. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const app = readManifest(options.manifest ?? loadManifest(process.cwd()));
  const {
    port = 0,
    hostname = LOOPBACK,
    clock = systemClock,
    signingSecret = 'sandbox-signing-secret-0123456789',
    botToken = 'xoxb-sandbox-0123456789',
    appToken = 'xapp-1-A0SANDBOX-0123456789012-sandbox0123456789abcdef',
    botScopes = app.botScopes,
    requestUrl,
    clientId = '6048553856.27082968880',
    clientSecret = 'sandbox-client-secret-0123456789',
    redirectUrl,
    optionalScopes = app.optionalScopes,
    isRetired = false,
    tokenRotation = false,
    isEnterprise = false,
    isOrgWide = false,
    isInstalled = true,
  } = options;
  const settings = { appToken, clientId, clientSecret, redirectUrl, optionalScopes };
  const slack = createSlack({ app, clock, ...settings, isRetired, tokenRotation, isEnterprise });
  const { authorizations, changed, first: workspace } = slack;
  const { people } = workspace;
  const bot = isOrgWide ? slack.orgBot : workspace.bot;
  if (isInstalled) authorizations.add(authorizations.grant(bot, botScopes), botToken);
  else authorizations.reserve(workspace.team.id, botToken);
  const journal = createJournal({ changed });
  const activity = createActivity();
  const sockets = createSockets(workspace);
  const outbox = createOutbox({ clock, journal, activity, sockets, signingSecret, requestUrl });
  const events = createEvents({ slack, outbox, activity });
  const faults = createFaults();
  const rateLimit = createRateLimit({ clock });

  const as = createPersons({ slack, outbox, events });

  const server = createSandboxServer({
    clock,
    api: createApiRoute({ slack, events, rateLimit, faults, journal }),
    responseUrl: createResponseUrlRoute({ slack, faults, journal }),
    authorize: createAuthorizeRoute({ slack }),
    upgrade: sockets.upgrade,
    client: createClientRoute({ workspace, outbox, events, journal, as }),
    clientState: (userId) => readState(workspace, journal, people.getHuman(userId).id),
  });
  const ownPort = await listen(server, port);
  const url = `http://${hostname}:${ownPort}`;
  slack.address.url = url;
  slack.address.hooksUrl = hostname === LOOPBACK ? url : `http://hooks.${hostname}:${ownPort}`;

  async function close(): Promise<void> {
    events.close();
    outbox.close();
    sockets.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await activity.settled();
  }

  return {
    url,
    apiUrl: `${url}/api/`,
    teamId: workspace.team.id,
    enterpriseId: slack.enterprise?.id,
    signingSecret,
    botToken,
    appToken,
    clientId,
    clientSecret,
    authorizeUrl: `${url}/oauth/v2/authorize`,
    users: people.users,
    setRequestUrl: outbox.setRequestUrl,
    setRedirectUrl: (value) => {
      slack.client.redirectUrl = value;
    },
    as,
    calls: journal.calls,
    callsTo: (method) => journal.calls.filter((call) => call.method === method),
    sockets: sockets.driver,
    faults: { ...faults, dropConnections: () => server.closeAllConnections() },
    sendEvent: (event, eventOptions) => events.send(event, eventOptions).final,
    deliveries: journal.deliveries,
    ...createDriver({ slack, events }),
    settled: activity.settled,
    onChange: workspace.onChange,
    close,
  };
}

/** Answers with the port. */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port.');
  return address.port;
}
