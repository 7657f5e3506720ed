import { createRefusalLog } from '../../receivers/refusal-log';
import { createLogger } from '../../services/runtime/logger';
import { createTestClock } from '../support/test-clock';

it('a clock that is set back does not keep refusals out of the log', () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const clock = createTestClock();
  const logRefusal = createRefusalLog({
    clock,
    logger: createLogger({ level: 'warn', secrets: [], destination }),
  });
  logRefusal(401, 'no signature');
  logRefusal(401, 'no signature');
  expect(lines).toHaveLength(1);
  clock.set(-3_600_000);
  logRefusal(401, 'no signature');
  expect(lines).toHaveLength(2);
});
