/** User scopes of today's Slack: https://docs.slack.dev/reference/scopes */
const USER_SCOPES = new Set(
  [
    'admin admin.analytics:read admin.apps:read admin.apps:write admin.barriers:read admin.barriers:write',
    'admin.conversations:read admin.conversations:write admin.invites:read admin.invites:write',
    'admin.roles:read admin.roles:write admin.teams:read admin.teams:write admin.usergroups:read',
    'admin.usergroups:write admin.users:read admin.users:write admin.workflows:read admin.workflows:write',
    'auditlogs:read bookmarks:read bookmarks:write calls:read calls:write canvases:read canvases:write',
    'channels:history channels:read channels:write channels:write.invites channels:write.topic chat:write',
    'dnd:read dnd:write email emoji:read files:read files:write groups:history groups:read groups:write',
    'groups:write.invites groups:write.topic hosting:read hosting:write identify identity.avatar identity.basic',
    'identity.email identity.team im:history im:read im:write im:write.topic links.embed:write links:read',
    'links:write lists:read lists:write mpim:history mpim:read mpim:write mpim:write.topic openid pins:read',
    'pins:write profile reactions:read reactions:write reminders:read reminders:write remote_files:read',
    'remote_files:share search:read search:read.files search:read.im search:read.mpim search:read.private',
    'search:read.public search:read.users stars:read stars:write team.billing:read team.preferences:read',
    'team:read tokens.basic usergroups:read usergroups:write users.profile:read users.profile:write',
    'users:read users:read.email users:write',
  ].flatMap((line) => line.split(' ')),
);

/** What only the app itself can be given. */
const BOT_SCOPES = new Set(
  [
    'app_mentions:read assistant:write channels:join channels:manage chat:write.customize chat:write.public',
    'commands conversations.connect:manage conversations.connect:read conversations.connect:write',
    'datastore:read datastore:write im:write incoming-webhook metadata.message:read mpim:write',
    'team:read triggers:read triggers:write users:read workflow.steps:execute',
  ].flatMap((line) => line.split(' ')),
);

/** The names that workspace apps used, such as `reminders:write:user`. */
const WORKSPACE_APP_SCOPE = /^[a-z_.]+:[a-z_.]+:user$/;

/** What a user can grant on the consent page. */
export function isUserScope(scope: string): boolean {
  return USER_SCOPES.has(scope);
}

export function isBotScope(scope: string): boolean {
  return BOT_SCOPES.has(scope) || (USER_SCOPES.has(scope) && !scope.startsWith('admin'));
}

/** What the permission modal of workspace apps can ask for. */
export function isModalScope(scope: string): boolean {
  return USER_SCOPES.has(scope) || WORKSPACE_APP_SCOPE.test(scope);
}
