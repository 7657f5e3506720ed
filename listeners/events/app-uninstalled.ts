import type { Clock } from '../../services/clock';
import type { Recorder } from '../../services/grants/recorder';
import { readEvent, uninstalledEvent } from './payloads';

/** The app is gone from the workspace: so are all grants. */
export function createAppUninstalledListener({ recorder, clock }: { recorder: Recorder; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received } = readEvent(uninstalledEvent, body, clock);
    await recorder.record({ type: 'app_uninstalled', ...received });
  };
}
