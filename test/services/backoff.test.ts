import { toBackoffMs } from '../../services/runtime/backoff';

const backoff = { firstMs: 500, longestMs: 15_000 };

describe('the wait between two tries', () => {
  it('doubles with each failure up to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => toBackoffMs(failures, backoff));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it.each([32, 64, 1_100, Number.MAX_SAFE_INTEGER])('is the longest after %i failures', (failures) => {
    expect(toBackoffMs(failures, backoff)).toBe(15_000);
  });
});
