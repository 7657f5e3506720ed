import { registerListeners } from './listeners';
import { createBolt } from './listeners/bolt';
import type { ListenerDependencies } from './listeners/dependencies';
import type { Deliver } from './listeners/front';
import type { Config } from './services/config/config';
import type { Logger } from './services/runtime/logger';
import { createPages, type Pages } from './web/pages';

/** All but the way of a trigger. */
export interface Rest {
  deliver: Deliver;
  pages: Pages;
}

/** Bolt with its listeners, and the pages. Loaded when the app listens, so that the first trigger does not wait for them. */
export function createRest({
  config,
  dependencies,
  pages,
  logger,
}: {
  config: Config;
  dependencies: ListenerDependencies;
  pages: Parameters<typeof createPages>[0];
  logger: Logger;
}): Rest {
  return {
    deliver: createBolt({
      botToken: config.botToken,
      // No listener of ours calls Slack by it.
      clientOptions: { slackApiUrl: config.slackApiUrl },
      register: (app) => registerListeners(app, dependencies),
      logger,
    }),
    pages: createPages(pages),
  };
}
