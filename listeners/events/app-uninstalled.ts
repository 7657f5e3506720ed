import type { ListenerDependencies } from '../dependencies';
import { createEventListener, uninstalledEvent } from './payloads';

/** The app is gone from the workspace, or from the organisation: so are all grants. */
export function createAppUninstalledListener(
  dependencies: Pick<ListenerDependencies, 'recorder' | 'workspaces' | 'enterprises' | 'clock'>,
) {
  const { recorder, workspaces } = dependencies;
  return createEventListener(uninstalledEvent, dependencies, async (received) => {
    const ending = await workspaces.findEndedInstallation(received);
    await recorder.record({ type: 'app_uninstalled', ...received, ...ending });
  });
}
