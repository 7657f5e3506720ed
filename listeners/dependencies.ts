import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Services } from '../services/services';
import type { WaitingReplies } from './waiting-replies';

/** The dependencies of the listeners. Each picks those that it needs. */
export type ListenerDependencies = Services & {
  waitingReplies: WaitingReplies;
  clock: Clock;
  logger: Logger;
};
