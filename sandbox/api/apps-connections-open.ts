import type { Method } from './method';

/** https://docs.slack.dev/reference/methods/apps.connections.open */
export const appsConnectionsOpen: Method = {
  acceptsJson: true,
  takesAppToken: true,
  run: ({ address, tickets }) => ({ ok: true, url: address.url.replace(/^http/, 'ws') + tickets.mint() }),
};
