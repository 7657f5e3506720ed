import type { OAuthConfig } from '../config/config';
import type { Database } from '../database/database';
import { isUnavailable } from '../database/unavailable';
import type { Metrics } from '../metrics/metrics';
import type { Clock } from '../runtime/clock';
import { ConfigError, DatabaseError } from '../runtime/errors';
import type { Logger } from '../runtime/logger';
import { createStoreRetrier } from '../runtime/retry-until-stored';
import { createCipher, KEY_ID_LENGTH } from '../runtime/secrets/cipher';
import type { Signer } from '../runtime/secrets/signer';
import type { CallSlack } from '../slack/web-api';
import { createAllowedTeams } from './allowed-teams';
import { createInstallStates } from './install-states';
import { createInstallationStore } from './installation-store';
import { createRenewal } from './renewal';
import { listKeyIds } from './token-store';
import { createVault } from './vault';

export type OAuth = Awaited<ReturnType<typeof createOAuth>>;

/** A write that the database did not take may succeed later; any other error would come again. */
function isTransient(error: unknown): boolean {
  return isUnavailable(error) || error instanceof DatabaseError;
}

/**
 * What installing and consenting by OAuth v2 take. Throws a `ConfigError` where tokens are stored that the keys at hand cannot
 * read.
 */
export async function createOAuth({
  config: { clientId, clientSecret, redirectUri, keys, allowedTeamIds },
  slackApiUrl,
  botScopes,
  database,
  callSlack,
  signer,
  clock,
  logger,
  metrics,
}: {
  config: OAuthConfig;
  slackApiUrl: string;
  /** What an installation asks for. */
  botScopes: readonly string[];
  database: Database;
  callSlack: CallSlack;
  signer: Signer;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}) {
  const cipher = createCipher(keys);
  const unknown = (await listKeyIds(database.query, KEY_ID_LENGTH)).filter((id) => !cipher.hasKey(id));
  if (unknown.length > 0) {
    throw new ConfigError([
      `TOKEN_ENCRYPTION_KEY is not the key that the stored tokens were encrypted with (its id is ${unknown.join(', ')}): write that one, after a comma if it is no longer the first, and run scopekeeper rekey.`,
    ]);
  }
  const client = { clientId, clientSecret };
  const vault = createVault(cipher);
  const storeRetrier = createStoreRetrier({ isTransient, clock, logger });
  const options = { scopes: [...botScopes], userScopes: [], ...(redirectUri && { redirectUri }) };
  return {
    client,
    redirectUri,
    /** Slack's page where people install and consent: beside the Web API, whose address may be another. */
    authorizeUrl: new URL('../oauth/v2/authorize', slackApiUrl).href,
    vault,
    renewal: createRenewal({ database, vault, callSlack, client, clock, logger, metrics }),
    installationStore: createInstallationStore({ database, vault, storeRetrier, clock, logger }),
    installStates: createInstallStates({ database, clock, signer, options }),
    allowedTeams: createAllowedTeams({ teamIds: allowedTeamIds, database, callSlack }),
    signer,
    storeRetrier,
  };
}
