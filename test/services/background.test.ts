import { createBackground } from '../../services/runtime/background';
import { createLogger } from '../../services/runtime/logger';

describe('work in the background of which one run at a time is enough', () => {
  const background = createBackground({ logger: createLogger({ level: 'silent', secrets: [] }) });

  it('runs once more after a run during which it was called, however often', async () => {
    const ends: (() => void)[] = [];
    const start = background.coalesce('work', () => new Promise<void>((resolve) => void ends.push(resolve)));
    for (let call = 0; call < 3; call += 1) start();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await new Promise(setImmediate);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await background.settled();
    expect(ends).toHaveLength(2);
    start();
    expect(ends).toHaveLength(3);
    ends[2]?.();
    await background.settled();
  });

  it('runs again when it is called after a run that failed', async () => {
    let runs = 0;
    const start = background.coalesce('work', async () => {
      runs += 1;
      throw new Error('no');
    });
    start();
    await background.settled();
    start();
    await background.settled();
    expect(runs).toBe(2);
  });
});
