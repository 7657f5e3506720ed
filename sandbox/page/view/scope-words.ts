const VERBS: Record<string, string> = {
  read: 'See',
  write: 'Create and change',
  history: 'Read the history of',
};

const RESOURCES: Record<string, string> = {
  dnd: 'Do Not Disturb settings',
  im: 'direct messages',
  mpim: 'group direct messages',
  channels: 'public channels',
  groups: 'private channels',
  'users.profile': 'profile',
};

/** `reminders:write:user` → Create and change your reminders. A scope of another shape stands for itself. */
export function describeScope(scope: string): string {
  const [resource = '', verb = ''] = scope.split(':');
  const does = VERBS[verb];
  return does ? `${does} your ${RESOURCES[resource] ?? resource.replace(/[._]/g, ' ')}` : scope;
}
