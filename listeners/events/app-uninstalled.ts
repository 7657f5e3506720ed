import type { Recorder } from '../../services/grants/recorder';
import { readEvent, uninstalledEvent } from './payloads';

/** The app is gone from the workspace: so are all grants. */
export function createAppUninstalledListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId } = readEvent(uninstalledEvent, body);
    await recorder.recordUninstalled({ eventId, teamId });
  };
}
