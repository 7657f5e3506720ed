import type { App } from '@slack/bolt';
import { createAskForScopesAction } from './actions/ask-for-scopes';
import { createContinueRequestAction } from './actions/continue-request';
import { createDeclineConsentAction } from './actions/decline-consent';
import { createLogPageAction } from './actions/log-page';
import { createOpenFormAction } from './actions/open-form';
import { createKeepAction, createRevokeAction } from './actions/revoke';
import { ids } from './blocks/ids';
import { createPermissionsCommand } from './commands/permissions';
import type { ListenerDependencies } from './dependencies';
import { createPermissionDialogListener } from './dialogs/permission-dialog';
import { createAppHomeOpenedListener } from './events/app-home-opened';
import { createAppUninstalledListener } from './events/app-uninstalled';
import {
  createAppAnswerListener,
  createUserAnswerListener,
  createUserResourceRemovedListener,
} from './events/permission-answers';
import { createTeamAccessGrantedListener, createTeamAccessRevokedListener } from './events/team-access';
import { createTokensRevokedListener } from './events/tokens-revoked';
import { ignoreSelf } from './ignore-self';
import { openDialog, openView } from './open-form';
import { createErrorReporter } from './report-error';
import { createRouter } from './router';
import { createRequestPermissionsShortcut } from './shortcuts/request-permissions';
import { createPermissionViewListener } from './views/permission-view';

/** The one table of everything that Slack sends us, and which listener takes it. */
export function registerListeners(app: App, dependencies: ListenerDependencies): void {
  app.use(
    createRouter({
      commands: { [ids.command]: createPermissionsCommand(dependencies) },
      actions: {
        [ids.actions.ask]: createAskForScopesAction(dependencies),
        [ids.actions.continue]: createContinueRequestAction(dependencies),
        [ids.actions.decline]: createDeclineConsentAction(dependencies),
        [ids.actions.revoke]: createRevokeAction(dependencies),
        [ids.actions.keep]: createKeepAction(dependencies),
        [ids.actions.newer]: createLogPageAction(dependencies),
        [ids.actions.older]: createLogPageAction(dependencies),
        [ids.actions.openDialog]: createOpenFormAction(dependencies, openDialog),
        [ids.actions.openView]: createOpenFormAction(dependencies, openView),
      },
      dialogs: { [ids.dialog]: createPermissionDialogListener(dependencies) },
      views: { [ids.view]: createPermissionViewListener(dependencies) },
      shortcuts: { [ids.shortcut]: createRequestPermissionsShortcut(dependencies) },
      events: {
        user_resource_granted: createUserAnswerListener(dependencies, 'granted'),
        user_resource_denied: createUserAnswerListener(dependencies, 'denied'),
        user_resource_removed: createUserResourceRemovedListener(dependencies),
        scope_granted: createAppAnswerListener(dependencies, 'granted'),
        scope_denied: createAppAnswerListener(dependencies, 'denied'),
        app_home_opened: createAppHomeOpenedListener(dependencies),
        app_uninstalled: createAppUninstalledListener(dependencies),
        tokens_revoked: createTokensRevokedListener(dependencies),
        team_access_granted: createTeamAccessGrantedListener(dependencies),
        team_access_revoked: createTeamAccessRevokedListener(dependencies),
      },
    }),
  );
  app.use(ignoreSelf);
  app.error(createErrorReporter(dependencies));
}
