export interface Checks {
  /** A numbered part of the journey. What is thrown in it is a failed check, and the journey goes on. */
  step(title: string, run: () => Promise<void>): Promise<void>;
  /** Prints a tick or a cross with what was expected, and what was seen. */
  expect(expected: string, isRight: boolean, seen: string): void;
  count(): { passed: number; failed: number };
}

const SEEN_LENGTH = 140;

export function createChecks({ write }: { write(text: string): void }): Checks {
  let passed = 0;
  let failed = 0;
  let steps = 0;

  function expect(expected: string, isRight: boolean, seen: string): void {
    if (isRight) passed += 1;
    else failed += 1;
    const shown = toLine(seen) || 'nothing';
    write(isRight ? `   ✓ ${expected} (${shown})\n` : `   ✗ ${expected}\n       seen: ${shown}\n`);
  }

  return {
    expect,
    async step(title, run) {
      steps += 1;
      write(`\n${steps}. ${title}\n`);
      try {
        await run();
      } catch (error) {
        expect('the step runs through', false, error instanceof Error ? error.message : String(error));
      }
    },
    count: () => ({ passed, failed }),
  };
}

/** One line, and short: what was seen may be a whole message. */
function toLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SEEN_LENGTH ? `${line.slice(0, SEEN_LENGTH)}…` : line;
}
