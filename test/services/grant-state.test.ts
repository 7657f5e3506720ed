import { createStandings, type Standing } from '../../services/grants/grant-state';

const OWNER = { teamId: 'T1', userId: 'U1' };
const SCOPE = 'dnd:write';
const known: Standing = {
  ...OWNER,
  scope: SCOPE,
  held: true,
  mark: 100,
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
    const standings = createStandings([{ ...known }]);
    expect(standings.grant(OWNER, SCOPE, told(200))).toBe('unchanged');
    expect(standings.changed()).toEqual([{ ...known, mark: 200 }]);
  });

  it('stands anew after it was taken back', () => {
    const standings = createStandings([{ ...known }]);
    expect(standings.removeAll(OWNER, told(200))).toEqual([SCOPE]);
    expect(standings.grant(OWNER, SCOPE, told(300))).toBe('changed');
    expect(standings.changed()).toContainEqual({
      ...known,
      mark: 300,
      grantedAt: 'at 300',
      source: 'users_list',
    });
  });

  it('in the middle of a sweep is not ended by that sweep, which may have read its page before, but by the next', () => {
    const standings = createStandings([{ ...known }]);
    standings.grant(OWNER, SCOPE, told(200, 7));
    expect(standings.endUnseen(OWNER, told(900, 7))).toEqual([]);
    expect(standings.compare(OWNER, [], told(900, 7)).removed).toEqual([]);
    expect(standings.endUnseen(OWNER, told(900, 8))).toEqual([SCOPE]);
  });
});
