import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject, parseJson, toObject, toObjects, toText, toTexts } from './json';
import type { JsonObject } from './types';

/** What Slack itself gives to an app when it is made. */
export const APP_IDS = {
  appId: 'A0SANDBOX',
  botUserId: 'U0APP',
  botId: 'B0APP',
  /** The old way to tell that a payload is Slack's; still in every payload. */
  verificationToken: 'sandbox-verification-token',
};

export type InstalledApp = ReturnType<typeof readManifest>;

/** What Slack knows of the app from its manifest: its name, its commands and its shortcuts. */
export function readManifest(manifest: JsonObject) {
  const features = toObject(manifest.features);
  const scopes = toObject(toObject(manifest.oauth_config).scopes);
  return {
    name: toText(toObject(manifest.display_information).name),
    botName: toText(toObject(features.bot_user).display_name),
    botScopes: toTexts(scopes.bot),
    /** User scopes that a person may leave out on the consent page. */
    optionalScopes: toTexts(scopes.user_optional),
    commands: toObjects(features.slash_commands).map((entry) => ({
      command: toText(entry.command),
      description: toText(entry.description),
      usageHint: toText(entry.usage_hint),
      shouldEscape: entry.should_escape === true,
    })),
    shortcuts: toObjects(features.shortcuts)
      .filter(({ type }) => type === 'global')
      .map((entry) => ({
        callbackId: toText(entry.callback_id),
        name: toText(entry.name),
        description: toText(entry.description),
      })),
  };
}

/** Reads `manifest.json` of a folder. Throws where there is none, or where it is not a JSON object. */
export function loadManifest(folder: string): JsonObject {
  const path = resolve(folder, 'manifest.json');
  const manifest = parseJson(readFileSync(path, 'utf8'));
  if (!isObject(manifest)) throw new Error(`${path} is not a JSON object.`);
  return manifest;
}
