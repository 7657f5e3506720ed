import { registerListeners } from './listeners';
import { createBolt } from './listeners/bolt';
import type { ListenerDependencies } from './listeners/dependencies';
import type { Deliver } from './listeners/front';
import type { Config } from './services/config';
import type { Logger } from './services/logger';
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
  clientOptions,
  logger,
}: {
  config: Config;
  dependencies: ListenerDependencies;
  pages: Parameters<typeof createPages>[0];
  clientOptions: Parameters<typeof createBolt>[0]['clientOptions'];
  logger: Logger;
}): Rest {
  return {
    deliver: createBolt({
      botToken: config.botToken,
      clientOptions,
      register: (app) => registerListeners(app, dependencies),
      logger,
    }),
    pages: createPages(pages),
  };
}
