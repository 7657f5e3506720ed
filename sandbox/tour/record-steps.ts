import type { TourStep } from './step';

/** What is refused, and what is taken back. */
export const recordSteps: TourStep[] = [
  {
    title: 'Ben asks for something that is not in the catalog',
    async run({ stage, ben, expect, expectAnswered, expectTold }) {
      const before = stage.sandbox.callsTo('apps.permissions.users.request').length;
      expectAnswered(await ben.runCommand('/permissions', 'request files:write:user'));
      await expectTold(ben, 'he is refused, by name', /files:write:user/);
      const more = stage.sandbox.callsTo('apps.permissions.users.request').length - before;
      expect('Slack is not called', more === 0, `${more} calls`);
    },
  },
  {
    title: 'Ben takes back everything',
    async run({ stage, ben, expect, expectHeld, expectLog, expectToldOnce, readGrants }) {
      await expectToldOnce(ben, () => stage.sandbox.takeBack(ben.id));
      expectHeld(ben, []);
      await expectLog(ben, ['removed']);
      const left = await readGrants(ben);
      expect('cli grants lists nothing of his', left === '', left);
    },
  },
];

/** Who may read the record. */
export const readingSteps: TourStep[] = [
  {
    title: 'Ada, an admin, reads the record in Slack',
    async run({ ada, expectAnswered, expectTold }) {
      expectAnswered(await ada.runCommand('/permissions', 'log'));
      await expectTold(ada, 'she sees the entries of everybody', /U0BEN[\s\S]*removed|removed[\s\S]*U0BEN/);
    },
  },
  {
    title: 'Ben, a member, may not',
    async run({ ben, expect, expectAnswered, expectTold }) {
      expectAnswered(await ben.runCommand('/permissions', 'log'));
      const answer = await expectTold(ben, 'he is refused', /admin/i);
      expect('and sees no entry', !/U0CLEO|U0ADA/.test(answer?.plain ?? ''), 'none');
    },
  },
];
