import type { App } from '@slack/bolt';
import { acknowledgeTheRest } from './acknowledge';
import { createDeclineConsentAction } from './actions/decline-consent';
import { createLogPageAction } from './actions/log-page';
import { createOpenFormAction } from './actions/open-form';
import { createKeepAction, createRevokeAction } from './actions/revoke';
import { ids } from './blocks/ids';
import { createPermissionsCommand } from './commands/permissions';
import type { ListenerDependencies } from './dependencies';
import { openDialog } from './dialogs/open';
import { createAppHomeOpenedListener } from './events/app-home-opened';
import { createAppUninstalledListener } from './events/app-uninstalled';
import { routeEvents } from './events/route';
import { createScopeDeniedListener } from './events/scope-denied';
import { createScopeGrantedListener } from './events/scope-granted';
import { createTeamAccessGrantedListener, createTeamAccessRevokedListener } from './events/team-access';
import { createTokensRevokedListener } from './events/tokens-revoked';
import { createUserResourceDeniedListener } from './events/user-resource-denied';
import { createUserResourceGrantedListener } from './events/user-resource-granted';
import { createUserResourceRemovedListener } from './events/user-resource-removed';
import { createErrorReporter } from './report-error';
import { createRequestPermissionsShortcut } from './shortcuts/request-permissions';
import { openView } from './views/open';

/** Everything that Slack sends us, and who takes it; but for the gestures that ask, which `asks.ts` takes first. */
export function registerListeners(app: App, dependencies: ListenerDependencies): void {
  app.use(
    routeEvents(
      new Map<string, (args: { body: unknown }) => Promise<void>>([
        ['user_resource_granted', createUserResourceGrantedListener(dependencies)],
        ['user_resource_denied', createUserResourceDeniedListener(dependencies)],
        ['user_resource_removed', createUserResourceRemovedListener(dependencies)],
        ['scope_granted', createScopeGrantedListener(dependencies)],
        ['scope_denied', createScopeDeniedListener(dependencies)],
        ['app_home_opened', createAppHomeOpenedListener(dependencies)],
        ['app_uninstalled', createAppUninstalledListener(dependencies)],
        ['tokens_revoked', createTokensRevokedListener(dependencies)],
        ['team_access_granted', createTeamAccessGrantedListener(dependencies)],
        ['team_access_revoked', createTeamAccessRevokedListener(dependencies)],
      ]),
      dependencies,
    ),
  );
  app.use(acknowledgeTheRest);
  app.error(createErrorReporter(dependencies));

  app.command(ids.command, createPermissionsCommand(dependencies));

  app.action(ids.actions.decline, createDeclineConsentAction(dependencies));
  app.action(ids.actions.revoke, createRevokeAction(dependencies));
  app.action(ids.actions.keep, createKeepAction(dependencies));
  app.action(ids.actions.newer, createLogPageAction(dependencies));
  app.action(ids.actions.older, createLogPageAction(dependencies));
  app.action(ids.actions.openDialog, createOpenFormAction(dependencies, openDialog));
  app.action(ids.actions.openView, createOpenFormAction(dependencies, openView));

  app.shortcut(
    { type: 'shortcut', callback_id: ids.shortcut },
    createRequestPermissionsShortcut(dependencies),
  );
}
