import type { TourStep } from './step';

/** The way by Slack's consent page, on a Slack that has no Permissions API. */
export const consentSteps: TourStep[] = [
  {
    title: 'Ben asks by a slash command, and allows in the browser',
    async run({ ben, expect, expectAnswered, expectConsent, expectHeld, expectLog, expectToldOnce }) {
      expectAnswered(await ben.runCommand('/permissions', 'request users.profile:write:user'));
      const page = await expectConsent(ben, ['users.profile:write']);
      await expectToldOnce(ben, async () => {
        const back = await page.allow();
        expect('the app says so in the browser', back.status === 200, `${back.status} ${back.text}`);
      });
      expectHeld(ben, ['users.profile:write']);
      const told = ben.surface()?.texts.join(' ') ?? '';
      expect('and in the modal', /you granted/i.test(told), told);
      const [requested, granted] = await expectLog(ben, ['requested', 'granted']);
      const isJoined = requested?.request_id === granted?.request_id && requested?.request_id !== '';
      expect('the grant is joined to its request', isJoined, granted?.request_id ?? '');
    },
  },
  {
    title: 'Ben asks again for what he has granted',
    async run({ ben, expectAnswered, expectTold }) {
      expectAnswered(await ben.runCommand('/permissions', 'request users.profile:write:user'));
      await expectTold(ben, 'he is told so', /granted.*users.profile:write/);
    },
  },
  {
    title: 'Cleo asks for two, and leaves one out',
    async run({ cleo, expect, expectAnswered, expectConsent, expectHeld, expectLog, expectTold }) {
      expectAnswered(
        await cleo.runCommand('/permissions', 'request users.profile:write:user dnd:write:user'),
      );
      const page = await expectConsent(cleo, ['users.profile:write', 'dnd:write']);
      const free = page.authorize?.scopes.filter(({ optional }) => optional) ?? [];
      const [left] = free.map(({ scope }) => scope);
      expect('Slack lets her leave one out', left !== undefined, free.map(({ scope }) => scope).join(', '));
      if (left === undefined) return;
      await page.allow({ untick: [left] });
      await expectTold(cleo, 'she is told what she did not grant', new RegExp(`not grant .*${left}`));
      expectHeld(
        cleo,
        ['users.profile:write', 'dnd:write'].filter((scope) => scope !== left),
      );
      await expectLog(cleo, ['requested', 'granted', 'denied']);
    },
  },
  {
    title: 'Cleo says “Not now”',
    async run({ cleo, expectAnswered, expectSurface, expectLog, expectToldOnce }) {
      expectAnswered(await cleo.runCommand('/permissions', 'request dnd:read:user'));
      await expectSurface(cleo, 'modal');
      await expectToldOnce(cleo, async () => expectAnswered(await cleo.press('Not now')));
      await expectLog(cleo, ['requested', 'denied']);
    },
  },
  {
    title: 'Ben denies on Slack’s page',
    async run({ ben, expectAnswered, expectConsent, expectHeld, expectLog, expectToldOnce }) {
      expectAnswered(await ben.runCommand('/permissions', 'request dnd:write:user'));
      const page = await expectConsent(ben, ['dnd:write']);
      await expectToldOnce(ben, () => page.deny());
      expectHeld(ben, ['users.profile:write']);
      await expectLog(ben, ['requested', 'denied']);
    },
  },
  {
    title: 'Ben’s browser is signed in to Slack as Ada',
    async run({ ada, ben, expect, expectAnswered, expectConsent, expectHeld, expectLog }) {
      expectAnswered(await ben.runCommand('/permissions', 'request dnd:read:user'));
      ben.browser.signInAs(ada.id);
      const page = await expectConsent(ben, ['dnd:read']);
      const back = await page.allow();
      ben.browser.signInAs(ben.id);
      expect('the app refuses', back.status === 403, `${back.status} ${back.text}`);
      expectHeld(ada, []);
      expectHeld(ben, ['users.profile:write']);
      const [, failed] = await expectLog(ben, ['requested', 'failed']);
      expect('the record says why', failed?.error === 'wrong_account', failed?.error ?? '');
    },
  },
  {
    title: 'Cleo asks, and closes the modal without an answer',
    async run({ cleo, expectAnswered, expectSurface, expectLog }) {
      expectAnswered(await cleo.runCommand('/permissions', 'request dnd:read:user'));
      await expectSurface(cleo, 'modal');
      await cleo.cancel();
      await expectLog(cleo, ['requested', 'unanswered']);
    },
  },
  {
    title: 'Ben takes back everything by a command',
    async run({ ben, expect, expectAnswered, expectHeld, expectLog, expectTold, readGrants, stage }) {
      expectAnswered(await ben.runCommand('/permissions', 'revoke'));
      expectAnswered(await ben.press('Take it back'));
      await expectTold(ben, 'he is told', /no longer/);
      const revoked = stage.sandbox.callsTo('auth.revoke').length;
      expect('Slack is told', revoked > 0, `${revoked} calls`);
      expectHeld(ben, []);
      await expectLog(ben, ['removed']);
      const left = await readGrants(ben);
      expect('cli grants lists nothing of his', left === '', left);
    },
  },
  {
    title: 'Cleo takes back everything in Slack',
    async run({ cleo, expectHeld, expectLog, expectToldOnce, stage }) {
      await expectToldOnce(cleo, () => stage.sandbox.takeBack(cleo.id));
      expectHeld(cleo, []);
      await expectLog(cleo, ['removed']);
    },
  },
];
