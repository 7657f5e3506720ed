import { hasElapsed, isFresh } from '../../services/runtime/clock';

it.each([
  ['its end is still to come', 1_500, 1_000, false],
  ['its end has come', 1_000, 1_000, true],
  ['its end is past', 999, 1_000, true],
  ['its end is further ahead than it can last: the clock was put back', 2_001, 1_000, true],
])('a wait of a second is over or not where %s', (_when, until, now, expected) => {
  expect(hasElapsed(until, now, 1_000)).toBe(expected);
});

it.each([
  ['just now', 1_000, 1_000, true],
  ['within its life', 1, 1_000, true],
  ['a whole life ago', 0, 1_000, false],
  ['never', Number.NEGATIVE_INFINITY, 1_000, false],
  ['ahead of the clock, which was put back', 1_001, 1_000, false],
])('what was seen %s counts or does not', (_when, at, now, expected) => {
  expect(isFresh(at, now, 1_000)).toBe(expected);
});
