import { type Method, refuse } from './method';

/** One person's DM with the app. It is always open here. */
export const conversationsOpen: Method = {
  acceptsJson: true,
  scope: 'im:write',
  run: (workspace, args) => {
    const users = args.text('users').split(',');
    const userId = args.has('channel')
      ? workspace.people.findChannel(args.text('channel'))?.imWith
      : users[0];
    if (args.has('channel') && !userId) return refuse('channel_not_found');
    if (!userId) return refuse('users_list_not_supplied');
    if (users.length > 1) return refuse('not_enough_users');
    const user = workspace.people.find(userId);
    if (!user) return refuse('user_not_found');
    if (user.isBot) return refuse('cannot_dm_bot');
    const id = workspace.people.findChannel(user.id)?.id;
    if (!args.flag('return_im')) return { ok: true, no_op: true, already_open: true, channel: { id } };
    const channel = { id, user: user.id, is_im: true, is_open: true, is_org_shared: false };
    return { ok: true, no_op: true, already_open: true, channel };
  },
};
