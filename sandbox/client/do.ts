import { toStateValues } from '../blocks/values';
import { sendCommand } from '../gestures/command';
import { submitDialog } from '../gestures/dialog';
import { submitModal } from '../gestures/modal';
import { takeBack } from '../gestures/permission-modal';
import { sendPress } from '../gestures/press';
import { isObject, toText, toTexts } from '../json';
import type { PersonDependencies } from '../person/person';
import { topView } from '../state/screens';
import type { Delivery, JsonObject, Person } from '../types';

interface Dependencies extends PersonDependencies {
  as: (userId: string) => Person;
}

/** What the page asks for in a person's name. Throws what a person would be told. */
export async function doForPage(
  dependencies: Dependencies,
  asked: JsonObject,
): Promise<Delivery | undefined> {
  const { workspace, outbox, events } = dependencies;
  const person = dependencies.as(toText(asked.user));
  const userId = person.id;
  switch (asked.do) {
    case 'command': {
      const [command, text] = [toText(asked.command), toText(asked.text)];
      if (!command.startsWith('/')) throw new Error('A command starts with a slash.');
      const channel = toText(asked.channel) || undefined;
      return await sendCommand(workspace, outbox, { userId, command, text, channel });
    }
    case 'press':
      return await sendPress(workspace, outbox, {
        userId,
        messageTs: toText(asked.messageTs),
        viewId: toText(asked.viewId),
        blockId: toText(asked.blockId),
        actionId: toText(asked.actionId),
        values: toStateValues(asked.values),
      });
    case 'open_home':
      return await person.openHome();
    case 'shortcut':
      return await person.runShortcut(toText(asked.callbackId));
    case 'submit':
      return await submit(dependencies, person, asked);
    case 'cancel':
      return await person.cancel();
    case 'allow':
      return await person.allow(asked.scopes === undefined ? undefined : toTexts(asked.scopes));
    case 'deny':
      return await person.deny();
    case 'close_prompt':
      person.closePrompt();
      return undefined;
    case 'take_back':
      return await takeBack(workspace, events, workspace.screens.of(userId));
    default:
      throw new Error(`Nothing known to do: ${toText(asked.do) || 'no `do` given'}.`);
  }
}

/** What the page's fields hold goes in first; then it is the same gesture as a person's. */
async function submit(dependencies: Dependencies, person: Person, asked: JsonObject): Promise<Delivery> {
  const { workspace, outbox } = dependencies;
  const screen = workspace.screens.of(person.id);
  const top = topView(screen);
  if (screen.dialog) {
    const values = toSubmission(asked.submission);
    return await submitDialog(workspace, outbox, { screen, open: screen.dialog, values });
  }
  if (!top) return await person.submit();
  return await submitModal(workspace, outbox, { screen, open: top, values: toStateValues(asked.values) });
}

function toSubmission(value: unknown): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, text]) => [name, toText(text)]));
}
