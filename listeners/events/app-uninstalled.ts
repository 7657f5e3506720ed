import type { ListenerDependencies } from '../dependencies';
import { createEventListener, uninstalledEvent } from './payloads';

/** The app was uninstalled from the workspace or the enterprise: every grant there ends. */
export function createAppUninstalledListener(
  dependencies: Pick<ListenerDependencies, 'recorder' | 'workspaces' | 'enterprises' | 'clock'>,
) {
  const { recorder, workspaces } = dependencies;
  return createEventListener(uninstalledEvent, dependencies, async (received) => {
    const ending = await workspaces.findEndedInstallation(received);
    await recorder.record({ type: 'app_uninstalled', ...received, ...ending });
  });
}
