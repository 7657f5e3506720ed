import type { TourStep } from './step';

/** The other gestures that bring a trigger: a button, a dialog, a modal. */
export const formSteps: TourStep[] = [
  {
    title: 'Cleo chooses from what can be asked, and presses the button',
    async run({
      cleo,
      expect,
      expectAnswered,
      expectPrompt,
      expectHeld,
      expectLog,
      expectTold,
      expectToldOnce,
    }) {
      expectAnswered(await cleo.runCommand('/permissions'));
      await expectTold(cleo, 'she sees what can be asked, and why', /reminders:write:user/);
      cleo.choose('Permissions', ['Set reminders for you', 'Pause your notifications']);
      expectAnswered(await cleo.press('Ask for these'));
      await expectPrompt(cleo, ['reminders:write:user', 'dnd:write:user']);
      await expectToldOnce(cleo, () => cleo.allow());
      expectHeld(cleo, ['dnd:write:user', 'reminders:write:user']);
      const [requested] = await expectLog(cleo, ['requested', 'granted']);
      const source = requested?.trigger_source ?? '';
      expect('the trigger came from the button', source === 'block_action', source);
    },
  },
  {
    title: 'Ada asks by the dialog, and denies',
    async run({ ada, expect, expectAnswered, expectPrompt, expectLog, expectSurface, expectToldOnce }) {
      expectAnswered(await ada.runCommand('/permissions', 'form'));
      await expectSurface(ada, 'dialog');
      ada.choose('Permission', ['Read your reminders']);
      ada.type('Reason', 'To see what is due');
      expectAnswered(await ada.submit());
      await expectPrompt(ada, ['reminders:read:user']);
      await expectToldOnce(ada, () => ada.deny());
      const [requested] = await expectLog(ada, ['requested', 'denied']);
      const source = requested?.trigger_source ?? '';
      expect('the trigger came from the dialog', source === 'dialog_submission', source);
    },
  },
  {
    title: 'Ada asks by the shortcut’s modal, and allows',
    async run({ ada, expect, expectAnswered, expectPrompt, expectLog, expectSurface, expectToldOnce }) {
      expectAnswered(await ada.runShortcut('request_permissions'));
      await expectSurface(ada, 'modal');
      ada.choose('Permissions', ['Set your status']);
      ada.type('Reason', 'Away at noon');
      expectAnswered(await ada.submit());
      await expectPrompt(ada, ['users.profile:write:user']);
      await expectToldOnce(ada, () => ada.allow());
      const [requested] = await expectLog(ada, ['requested', 'granted']);
      const source = requested?.trigger_source ?? '';
      expect('the trigger came from the modal', source === 'view_submission', source);
    },
  },
];
