import { APP_IDS } from '../app-manifest';
import { fillInIds } from '../blocks/elements';
import { validateView } from '../blocks/validate-view';
import { toText } from '../json';
import { type OpenView, type Screen, STACK_MAX, topView } from '../state/screens';
import type { Trigger, TriggerCheck } from '../state/triggers';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Method, type MethodArgs, objectArg, refuse } from './method';
import { toViewPayload } from './view-payload';

const TRIGGER_ERRORS: Record<Exclude<TriggerCheck['state'], 'good'>, string> = {
  unknown: 'invalid_trigger_id',
  expired: 'expired_trigger_id',
  exchanged: 'exchanged_trigger_id',
};

/** The view with what Slack adds to it. */
export function createOpenView(workspace: Workspace, sent: JsonObject, under?: OpenView): OpenView {
  const { team, enterprise } = workspace;
  const id = workspace.ids.prefixed('V');
  const view: JsonObject = {
    id,
    team_id: team.id,
    type: sent.type,
    blocks: fillInIds(sent.blocks, workspace.ids.short),
    private_metadata: toText(sent.private_metadata),
    callback_id: toText(sent.callback_id),
    hash: workspace.ids.hash(),
    title: sent.title ?? null,
    clear_on_close: sent.clear_on_close === true,
    notify_on_close: sent.notify_on_close === true,
    close: sent.close ?? null,
    submit: sent.submit ?? null,
    previous_view_id: under?.id ?? null,
    root_view_id: under ? under.view.root_view_id : id,
    app_id: APP_IDS.appId,
    external_id: toText(sent.external_id),
    // It names the organisation where the app is installed there: https://github.com/slackapi/bolt-js/issues/1720
    app_installed_team_id: workspace.isEnterpriseInstall() && enterprise ? enterprise.id : team.id,
    bot_id: team.botId,
  };
  return { id, view, values: {}, errors: {} };
}

/** The same view with other content. What was set stays where block and action keep their ids. */
export function updateOpenView(workspace: Workspace, open: OpenView, sent: JsonObject): void {
  const fresh = createOpenView(workspace, sent);
  const { id, previous_view_id, root_view_id } = open.view;
  open.view = { ...fresh.view, id, previous_view_id, root_view_id };
  open.errors = {};
}

/** Runs the rest if view and trigger are good; the trigger is used up only if the rest says ok. */
function withTrigger(
  workspace: Workspace,
  args: MethodArgs,
  rest: (sent: JsonObject, trigger: Trigger) => JsonObject,
): JsonObject {
  const check = workspace.triggers.check(args.text('trigger_id'));
  if (check.state !== 'good') return refuse(TRIGGER_ERRORS[check.state]);
  return withView(args, 'modal', (sent) => {
    const answer = rest(sent, check.trigger);
    if (answer.ok === true) check.trigger.exchanged = true;
    return answer;
  });
}

function withView(args: MethodArgs, type: string, rest: (sent: JsonObject) => JsonObject): JsonObject {
  const sent = objectArg(args, 'view');
  if (!sent) return refuse('invalid_arguments', ['[ERROR] missing required field: view']);
  const faults = validateView(sent, type);
  return faults.length > 0 ? refuse('invalid_arguments', faults) : rest(sent);
}

function show(workspace: Workspace, screen: Screen, stack: OpenView[], open: OpenView): JsonObject {
  screen.stack = [...stack, open];
  workspace.changed();
  return { ok: true, view: toViewPayload(open) };
}

export const viewsOpen: Method = {
  acceptsJson: true,
  run: (workspace, args) =>
    withTrigger(workspace, args, (sent, trigger) => {
      const screen = workspace.screens.of(trigger.userId);
      const open = createOpenView(workspace, sent);
      // As on the desktop: the answer to the submission says what is shown. https://github.com/slackapi/bolt-js/issues/828
      if (trigger.isOfSubmission) return { ok: true, view: toViewPayload(open) };
      return show(workspace, screen, [], open);
    }),
};

export const viewsPush: Method = {
  acceptsJson: true,
  run: (workspace, args) =>
    withTrigger(workspace, args, (sent, trigger) => {
      const screen = workspace.screens.of(trigger.userId);
      if (screen.stack.length === 0) return refuse('view_not_found');
      if (screen.stack.length >= STACK_MAX) return refuse('push_limit_reached');
      return show(workspace, screen, screen.stack, createOpenView(workspace, sent, topView(screen)));
    }),
};

export const viewsUpdate: Method = {
  acceptsJson: true,
  run: (workspace, args) => {
    const matches = (open: OpenView) =>
      args.has('view_id')
        ? open.id === args.text('view_id')
        : args.has('external_id') && open.view.external_id === args.text('external_id');
    const found = workspace.screens.findView(matches);
    if (!found) return refuse('not_found');
    if (args.has('hash') && args.text('hash') !== found.open.view.hash) return refuse('hash_conflict');
    return withView(args, toText(found.open.view.type), (sent) => {
      updateOpenView(workspace, found.open, sent);
      workspace.changed();
      return { ok: true, view: toViewPayload(found.open) };
    });
  },
};

export const viewsPublish: Method = {
  acceptsJson: true,
  run: (workspace, args, { slack }) => {
    const user = workspace.people.find(args.text('user_id'));
    if (!user || user.isBot) return refuse('user_not_found');
    return withView(args, 'home', (sent) => {
      const screen = workspace.screens.of(user.id);
      const conflicts = args.has('hash') && screen.home?.view.hash !== args.text('hash');
      if (conflicts) return refuse('hash_conflict');
      screen.home = createOpenView(workspace, sent);
      // In an organisation a person has one home in all its workspaces.
      if (workspace.enterprise) {
        for (const { people, screens } of slack.workspaces)
          if (people.find(user.id)) screens.of(user.id).home = screen.home;
      }
      workspace.changed();
      return { ok: true, view: toViewPayload(screen.home) };
    });
  },
};
