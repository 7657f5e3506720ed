import { stateValues } from '../blocks/values';
import { toObjects } from '../json';
import { seeMessage, seePrompt } from '../person/see';
import type { StoredMessage } from '../state/messages';
import { type OpenView, type Screen, topView } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { ClientHome, ClientMessage, ClientState, ClientSurface } from '../types';
import type { Journal } from '../wire/journal';
import { toLogLine } from './log-line';

/** All that the page shows to one person. */
export function readState(workspace: Workspace, journal: Journal, userId: string): ClientState {
  const { app, people, screens, messages, grants, team } = workspace;
  const screen = screens.of(userId);
  return {
    team: { id: team.id, name: team.name, domain: team.domain },
    appName: app.name,
    users: people.users,
    me: userId,
    channels: people.channelsOf(userId).map(({ id, name, imWith }) => ({
      id,
      name: imWith ? app.name : name,
      isIm: imWith !== undefined,
    })),
    commands: app.commands.map(({ command, description, usageHint }) => ({
      command,
      description,
      usageHint,
    })),
    shortcuts: app.shortcuts,
    messages: messages.visibleTo(userId).map((message) => toClientMessage(workspace, message, userId)),
    prompt: seePrompt(screen, app.name) ?? null,
    surface: toClientSurface(screen) ?? null,
    home: screen.home ? toClientHome(screen.home) : null,
    granted: Object.fromEntries(people.humans.map(({ id }) => [id, grants.of(id)])),
    log: journal.recent().map(toLogLine),
  };
}

function toClientMessage(workspace: Workspace, message: StoredMessage, userId: string): ClientMessage {
  return {
    ...seeMessage(message),
    author: { id: message.author, name: workspace.people.nameOf(message.author) },
    at: message.at,
    edited: message.edited,
    values: stateValues(message.blocks, message.values.get(userId) ?? {}),
  };
}

function toClientHome({ id, view, values, errors }: OpenView): ClientHome {
  return { id, view, values: stateValues(toObjects(view.blocks), values), errors };
}

function toClientSurface(screen: Screen): ClientSurface | undefined {
  if (screen.dialog) {
    const { id, dialog, values, errors } = screen.dialog;
    return { kind: 'dialog', id, dialog, values, errors };
  }
  const open = topView(screen);
  if (!open) return undefined;
  return {
    kind: 'modal',
    id: open.id,
    view: open.view,
    values: stateValues(toObjects(open.view.blocks), open.values),
    errors: open.errors,
    depth: screen.stack.length,
  };
}
