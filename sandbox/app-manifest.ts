import manifest from '../manifest.json';
import { toObject, toTexts } from './json';

/** What Slack knows of the app from its manifest: its name, its commands and its shortcuts. */
export const installedApp = {
  id: 'A0SANDBOX',
  name: manifest.display_information.name,
  botUserId: 'U0APP',
  botId: 'B0APP',
  botName: manifest.features.bot_user.display_name,
  botScopes: manifest.oauth_config.scopes.bot,
  /** User scopes that a person may leave out on the consent page. */
  optionalScopes: toTexts(toObject(manifest.oauth_config.scopes).user_optional),
  /** The old way to tell that a payload is Slack's; still in every payload. */
  verificationToken: 'sandbox-verification-token',
  commands: manifest.features.slash_commands.map((entry) => ({
    command: entry.command,
    description: entry.description,
    usageHint: entry.usage_hint,
    shouldEscape: entry.should_escape,
  })),
  shortcuts: manifest.features.shortcuts
    .filter((entry) => entry.type === 'global')
    .map((entry) => ({
      callbackId: entry.callback_id,
      name: entry.name,
      description: entry.description,
    })),
};
