import type { Recorder } from '../../services/answers/recorder';
import type { Workspaces } from '../../services/oauth/workspaces';
import type { Clock } from '../../services/runtime/clock';
import { readEvent, uninstalledEvent } from './payloads';

/** The app is gone from the workspace, or from the organisation: so are all grants. */
export function createAppUninstalledListener({
  recorder,
  workspaces,
  clock,
}: {
  recorder: Recorder;
  workspaces: Pick<Workspaces, 'findEnding'>;
  clock: Clock;
}) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received } = readEvent(uninstalledEvent, body, clock);
    const ending = await workspaces.findEnding(received);
    await recorder.record({ type: 'app_uninstalled', ...received, ...ending });
  };
}
