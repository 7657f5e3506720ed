import { chooseOptions, isChoice } from '../blocks/options';
import { isTextField } from '../blocks/values';
import { sendCommand } from '../gestures/command';
import { cancelDialog, submitDialog } from '../gestures/dialog';
import { openHome } from '../gestures/home';
import { closeModal, submitModal } from '../gestures/modal';
import { allowPrompt, closePrompt, denyPrompt } from '../gestures/permission-modal';
import { sendPress } from '../gestures/press';
import { sendShortcut } from '../gestures/shortcut';
import { topView } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Browser, Delivery, Person } from '../types';
import type { Events } from '../wire/events';
import type { Outbox } from '../wire/outbox';
import { chooseInDialog, typeInDialog } from './dialog-fields';
import { type ElementOnScreen, elementsOnScreen, findButton, findByLabel } from './find-on-screen';
import { findLink } from './links';
import { seeHome, seeMessage, seePrompt, seeSurface } from './see';

export interface PersonDependencies {
  workspace: Workspace;
  outbox: Outbox;
  events: Events;
}

interface Dependencies extends PersonDependencies {
  browser: Browser;
}

/** A person at their screen, who goes by what they read there. */
export function createPerson(userId: string, dependencies: Dependencies): Person {
  const { workspace, outbox, events, browser } = dependencies;
  workspace.people.getHuman(userId);
  const screen = workspace.screens.of(userId);
  /** Slack tells the app of a choice at once; nobody presses the next button before that has arrived. */
  let choicesSent: Promise<unknown> = Promise.resolve();

  const onScreen = () => elementsOnScreen(workspace, userId);
  const targetOf = ({ placed, messageTs, viewId }: ElementOnScreen) => ({
    messageTs,
    viewId,
    blockId: placed.blockId,
    actionId: placed.actionId,
  });

  function choose(label: string, optionTexts: string[]): void {
    if (screen.dialog) {
      chooseInDialog(screen.dialog, label, optionTexts);
      workspace.changed();
      return;
    }
    const choices = onScreen().filter(({ placed }) => isChoice(placed));
    const found = findByLabel(choices, label, 'select');
    const { blockId, actionId } = found.placed;
    found.keep({ [blockId]: { [actionId]: chooseOptions(found.placed, optionTexts) } });
    if (!found.placed.dispatches) return;
    const sent = sendPress(workspace, outbox, { userId, ...targetOf(found) });
    choicesSent = Promise.allSettled([choicesSent, sent]);
  }

  function type(label: string, text: string): void {
    if (screen.dialog) {
      typeInDialog(screen.dialog, label, text);
      workspace.changed();
      return;
    }
    const found = findByLabel(
      onScreen().filter(({ placed }) => isTextField(placed)),
      label,
      'text field',
    );
    const { blockId, actionId, type: elementType } = found.placed;
    found.keep({ [blockId]: { [actionId]: { type: elementType, value: text === '' ? null : text } } });
  }

  return {
    id: userId,
    choose,
    type,
    runCommand: (command, text = '', options) =>
      sendCommand(workspace, outbox, { userId, command, text, options }),
    press: async (label, options): Promise<Delivery> => {
      await choicesSent;
      const found = findButton(onScreen(), label);
      return await sendPress(workspace, outbox, { userId, ...targetOf(found), options });
    },
    openHome: () => openHome(workspace, events, screen),
    runShortcut: (callbackId, options) => sendShortcut(workspace, outbox, { userId, callbackId, options }),
    submit: async (options) => {
      await choicesSent;
      const top = topView(screen);
      if (screen.dialog)
        return await submitDialog(workspace, outbox, { screen, open: screen.dialog, options });
      if (top) return await submitModal(workspace, outbox, { screen, open: top, options });
      throw new Error(`There is no modal or dialog on the screen of ${userId}.`);
    },
    cancel: async () => {
      const top = topView(screen);
      if (screen.dialog) return await cancelDialog(workspace, outbox, screen, screen.dialog);
      if (top) return await closeModal(workspace, outbox, screen, top);
      throw new Error(`There is no modal or dialog on the screen of ${userId}.`);
    },
    allow: (scopes) => allowPrompt(workspace, events, screen, scopes),
    deny: () => denyPrompt(workspace, events, screen),
    closePrompt: () => closePrompt(workspace, screen),
    link: (label) => findLink(workspace, userId, label),
    browser,
    prompt: () => seePrompt(screen, workspace.app.name),
    surface: () => seeSurface(screen),
    home: () => seeHome(screen),
    messages: () => workspace.messages.visibleTo(userId).map(seeMessage),
    lastMessage: () => workspace.messages.visibleTo(userId).map(seeMessage).at(-1),
  };
}
