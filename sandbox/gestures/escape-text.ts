import type { Workspace } from '../state/workspace';

/**
 * What Slack makes of a command's text where the manifest says `should_escape`: people and channels become ids, and three
 * characters are escaped: https://docs.slack.dev/interactivity/implementing-slash-commands/#escaping-users-warning
 */
export function escapeCommandText(workspace: Workspace, command: string, typed: string): string {
  if (!workspace.app.commands.some((known) => known.command === command && known.shouldEscape)) return typed;
  const { people, team } = workspace;
  return typed
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<!\S)@([\w.-]+)/g, (whole, name: string) => {
      const user = people.users.find((each) => each.name === name.toLowerCase());
      return user ? `<@${user.id}|${user.name}>` : whole;
    })
    .replace(/(?<!\S)#([\w-]+)/g, (whole, name: string) => {
      const channel = people.findChannel(team.generalId);
      return channel && channel.name === name ? `<#${channel.id}|${name}>` : whole;
    });
}
