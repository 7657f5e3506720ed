import { apiTest } from './api-test';
import { appsConnectionsOpen } from './apps-connections-open';
import { appsPermissionsUsersList } from './apps-permissions-users-list';
import { appsPermissionsUsersRequest } from './apps-permissions-users-request';
import { authRevoke, authTeamsList, authTest } from './auth';
import { chatDelete, chatPostEphemeral, chatPostMessage, chatUpdate } from './chat';
import { conversationsOpen } from './conversations';
import { dialogOpen } from './dialog';
import type { Method } from './method';
import { oauthV2Access } from './oauth';
import { usersInfo } from './users';
import { viewsOpen, viewsPublish, viewsPush, viewsUpdate } from './views';

/** Every method that this workspace has; README.md says of each what is emulated and what is not. */
export const methods: ReadonlyMap<string, Method> = new Map([
  ['api.test', apiTest],
  ['apps.connections.open', appsConnectionsOpen],
  ['apps.permissions.users.list', appsPermissionsUsersList],
  ['apps.permissions.users.request', appsPermissionsUsersRequest],
  ['auth.revoke', authRevoke],
  ['auth.teams.list', authTeamsList],
  ['auth.test', authTest],
  ['chat.delete', chatDelete],
  ['chat.postEphemeral', chatPostEphemeral],
  ['chat.postMessage', chatPostMessage],
  ['chat.update', chatUpdate],
  ['conversations.open', conversationsOpen],
  ['dialog.open', dialogOpen],
  ['oauth.v2.access', oauthV2Access],
  ['users.info', usersInfo],
  ['views.open', viewsOpen],
  ['views.publish', viewsPublish],
  ['views.push', viewsPush],
  ['views.update', viewsUpdate],
]);
