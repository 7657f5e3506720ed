import type { TourStep } from './step';

const METHOD = 'apps.permissions.users.request';

/** A question, and all that a person may make of it. */
export const answerSteps: TourStep[] = [
  {
    title: 'Ben asks by a slash command, and allows',
    async run({ stage, ben, expect, expectAnswered, expectPrompt, expectHeld, expectLog, expectToldOnce }) {
      expectAnswered(await ben.runCommand('/permissions', 'request reminders:write:user'));
      await expectPrompt(ben, ['reminders:write:user']);
      const call = stage.sandbox.callsTo(METHOD).at(-1);
      const names = Object.keys(call?.args ?? {}).filter((name) => name !== 'token');
      expect(
        'the call has three arguments',
        names.sort().join() === 'scopes,trigger_id,user',
        names.join(', '),
      );
      const contentType = call?.contentType ?? '';
      expect('it is a form', contentType.startsWith('application/x-www-form-urlencoded'), contentType);
      await expectToldOnce(ben, () => ben.allow());
      expectHeld(ben, ['reminders:write:user']);
      const [requested, granted] = await expectLog(ben, ['requested', 'granted']);
      const source = requested?.trigger_source ?? '';
      expect('the trigger came from a command', source === 'slash_command', source);
      const isJoined = requested?.request_id === granted?.request_id && requested?.request_id !== '';
      expect('the grant is joined to its request', isJoined, granted?.request_id ?? '');
    },
  },
  {
    title: 'Ben asks again for what he has granted',
    async run({ stage, ben, expect, expectAnswered, expectTold }) {
      const before = stage.sandbox.callsTo(METHOD).length;
      expectAnswered(await ben.runCommand('/permissions', 'request reminders:write:user'));
      await expectTold(ben, 'he is told so', /granted.*reminders:write:user/);
      const more = stage.sandbox.callsTo(METHOD).length - before;
      expect('Slack is not called', more === 0, `${more} calls`);
    },
  },
  {
    title: 'Cleo asks, and denies',
    async run({ cleo, expectAnswered, expectPrompt, expectHeld, expectLog, expectToldOnce }) {
      expectAnswered(await cleo.runCommand('/permissions', 'request dnd:write:user'));
      await expectPrompt(cleo, ['dnd:write:user']);
      await expectToldOnce(cleo, () => cleo.deny());
      expectHeld(cleo, []);
      await expectLog(cleo, ['requested', 'denied']);
    },
  },
  {
    title: 'Cleo asks, and closes the question without an answer',
    async run({ cleo, expectAnswered, expectPrompt, expectHeld, expectLog }) {
      expectAnswered(await cleo.runCommand('/permissions', 'request reminders:read:user'));
      await expectPrompt(cleo, ['reminders:read:user']);
      cleo.closePrompt();
      await expectLog(cleo, ['requested', 'unanswered']);
      expectHeld(cleo, []);
    },
  },
  {
    title: 'Ben’s command reaches the app when its trigger is over',
    async run({
      stage,
      ben,
      expect,
      expectAnswered,
      expectPrompt,
      expectHeld,
      expectLog,
      expectTold,
      expectToldOnce,
    }) {
      const before = stage.sandbox.callsTo(METHOD).length;
      const late = { triggerAgeMs: 3_500 };
      expectAnswered(await ben.runCommand('/permissions', 'request dnd:write:user', late));
      await expectTold(ben, 'he is told what happened, and offered a button', /Continue/);
      const more = stage.sandbox.callsTo(METHOD).length - before;
      // A message by socket does not say when it was sent: then Slack itself says no.
      const isBySocket = stage.sandbox.sockets.count() > 0;
      expect('Slack is not called with it', more === 0 || isBySocket, `${more} calls`);
      const [failed] = await expectLog(ben, ['failed']);
      expect('the record says why', failed?.error !== '', failed?.error ?? '');
      expectAnswered(await ben.press('Continue'));
      await expectPrompt(ben, ['dnd:write:user']);
      await expectToldOnce(ben, () => ben.allow());
      expectHeld(ben, ['dnd:write:user', 'reminders:write:user']);
      const [requested] = await expectLog(ben, ['requested', 'granted']);
      const source = requested?.trigger_source ?? '';
      expect('the fresh trigger came from the button', source === 'block_action', source);
    },
  },
];
