import { createGrantStates, type GrantState } from '../../services/grants/grant-state';

const OWNER = { teamId: 'T1', userId: 'U1' };
const SCOPE = 'dnd:write';
const known: GrantState = {
  ...OWNER,
  scope: SCOPE,
  held: true,
  cutoff: 100,
  sweepId: 0,
  grantedAt: 'at first',
  source: 'slack_event',
};

/** At a time, in an open sweep or in none. */
const told = (time: number, sweepId = 0) => ({
  time,
  at: `at ${time}`,
  source: 'users_list' as const,
  sweepId,
});

describe('a scope that is granted', () => {
  it('stands since it was first granted, and by whom that was told', () => {
    const grantStates = createGrantStates([{ ...known }]);
    expect(grantStates.grant(OWNER, SCOPE, told(200))).toBe('unchanged');
    expect(grantStates.listChanged()).toEqual([{ ...known, cutoff: 200 }]);
  });

  it('stands anew after it was taken back', () => {
    const grantStates = createGrantStates([{ ...known }]);
    expect(grantStates.removeAll(OWNER, told(200))).toEqual([SCOPE]);
    expect(grantStates.grant(OWNER, SCOPE, told(300))).toBe('changed');
    expect(grantStates.listChanged()).toContainEqual({
      ...known,
      cutoff: 300,
      grantedAt: 'at 300',
      source: 'users_list',
    });
  });

  it('in the middle of a sweep is not ended by that sweep, which may have read its page before, but by the next', () => {
    const grantStates = createGrantStates([{ ...known }]);
    grantStates.grant(OWNER, SCOPE, told(200, 7));
    expect(grantStates.endUnseen(OWNER, told(900, 7))).toEqual([]);
    expect(grantStates.reconcile(OWNER, [], told(900, 7)).removed).toEqual([]);
    expect(grantStates.endUnseen(OWNER, told(900, 8))).toEqual([SCOPE]);
  });
});
