import type { AllMiddlewareArgs, AnyMiddlewareArgs } from '@slack/bolt';
import type { ListenerDependencies } from '../dependencies';
import { readEventWorkspace } from './payloads';

type EventListener = (args: { body: unknown }) => Promise<void>;

/**
 * Finds the listener of an event by its name. Bolt would ask every listener of the app in turn, and copy the arguments
 * for each: with some twenty of them that takes longer than all the rest of an event.
 */
export function routeEvents(
  listeners: ReadonlyMap<string, EventListener>,
  { organisations }: Pick<ListenerDependencies, 'organisations'>,
) {
  return async (args: AnyMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const listener = 'event' in args ? listeners.get(args.event.type) : undefined;
    if (listener === undefined) return args.next();
    await listener({ body: args.body });
    const said = readEventWorkspace(args.body);
    if (said?.teamId !== undefined) organisations.learn({ ...said, teamId: said.teamId });
  };
}
