import type { View } from '@slack/web-api';
import type { Catalog } from '../config/catalog';
import { type Buffering, createBatchWriter } from '../database/batch-writer';
import type { Database } from '../database/database';
import { toConsentUrl } from '../oauth/authorize-url';
import type { BotTokens } from '../oauth/bot-tokens';
import type { OAuth } from '../oauth/oauth';
import { insertConsentState, STATE_TTL_MS } from '../oauth/states';
import type { Background } from '../runtime/background';
import type { Clock } from '../runtime/clock';
import { createRandomSecret } from '../runtime/secrets/secret';
import { toSha256 } from '../runtime/secrets/sha256';
import { mayHaveBeenShown, toFailure } from '../slack/errors';
import { beforeTriggerExpires, type Trigger, toTimeLeftMs } from '../slack/trigger';
import type { CallSlack } from '../slack/web-api';
import type { PermissionPrompt, PermissionsBackend } from './backend';
import type { ExchangeResult, TriggerExchange } from './exchange/exchange';
import { createTokenList } from './token-list';

/** The modal with the link to Slack's consent page: Block Kit's `view`. */
export type ConsentView = (catalog: Catalog, prompt: PermissionPrompt, url: string) => View;

/**
 * ADAPTER: OAuth v2 user scopes, for today's Slack. A request exchanges the trigger for a modal with a link to Slack's
 * consent page; the answer comes by the browser (`services/answers/consent/`). The list is made of what each user's token holds.
 */
export function createOAuthBackend({
  exchange,
  database,
  oauth: { renewal, authorizeUrl, client, redirectUri },
  callSlack,
  botTokens,
  catalog,
  clock,
  consentView,
  background,
  buffering,
}: {
  exchange: Pick<TriggerExchange, 'callWithTrigger'>;
  database: Database;
  oauth: Pick<OAuth, 'renewal' | 'authorizeUrl' | 'client' | 'redirectUri'>;
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
  catalog: Catalog;
  clock: Clock;
  consentView: ConsentView;
  background: Background;
  buffering: Buffering;
}): PermissionsBackend {
  const saveState = createBatchWriter<Parameters<typeof insertConsentState>[1]>({
    write: (states) =>
      database.transact(async (tx) => {
        for (const state of states) await insertConsentState(tx, state);
      }),
    buffering,
  });

  return {
    kind: async () => 'oauth',

    async request(prompt) {
      const { requestId, scopes, held, trigger } = prompt;
      const { teamId, enterpriseId, userId } = trigger;
      const state = createRandomSecret();
      const asked = { scopes: [...scopes, ...held], state, teamId };
      const url = toConsentUrl({ authorizeUrl, clientId: client.clientId, redirectUri, ...asked });
      const expiresAtMs = clock.now() + STATE_TTL_MS;
      const result = await show(consentView(catalog, prompt, url), trigger);
      if (!result.ok && !mayHaveBeenShown(result.cause)) return result;
      // Stored too where Slack did not say that the link was shown: whoever follows it must be known when they come back.
      const viewId = result.ok ? result.viewId : undefined;
      const consent = { requestId, teamId, enterpriseId, userId, viewId };
      const stored = saveState({ stateHash: toSha256(state), expiresAtMs, consent });
      background.run('state of a link', () => stored);
      // While the database is away the user is answered anyway.
      await beforeTriggerExpires(
        trigger,
        clock,
        stored.catch(() => {}),
      );
      return result;
    },

    list: createTokenList({ database, renewal, callSlack, botTokens, catalog, clock }),
  };

  /**
   * A submitted modal is replaced by the answer to it. Slack also takes `views.open` there, but some clients show nothing.
   * https://docs.slack.dev/surfaces/modals#updating_views
   */
  async function show(view: View, trigger: Trigger): Promise<ExchangeResult> {
    if (trigger.viewId === undefined)
      return exchange.callWithTrigger('views.open', { view: JSON.stringify(view) }, trigger);
    if (toTimeLeftMs(trigger, clock.now()) <= 0) return toFailure('no_time_left');
    return { ok: true, warning: undefined, viewId: trigger.viewId, view };
  }
}
