import { openDatabase } from '../../../services/database/database';
import { createSingleBotToken } from '../../../services/oauth/bot-tokens';
import { createTriggerExchange } from '../../../services/permissions/exchange/exchange';
import { createNativeBackend } from '../../../services/permissions/native';
import { createBackground } from '../../../services/runtime/background';
import { systemClock } from '../../../services/runtime/clock';
import { createReference } from '../../../services/runtime/id';
import { createLogger } from '../../../services/runtime/logger';
import { openConnections } from '../../../services/slack/connections';
import { createCallSlack } from '../../../services/slack/web-api';
import { createSync } from '../../../services/sync/sync';
import { report } from '../../program';
import { startMeasuring } from './used';
import { TEAM } from './users';

// One sweep by the product's own services, joined as the command line joins them.
async function main(path: string, slackApiUrl: string): Promise<void> {
  const clock = systemClock;
  const botToken = 'xoxb-bench';
  const logger = createLogger({ level: 'error', secrets: [botToken] });
  const database = await openDatabase({ config: { kind: 'sqlite', path }, clock });
  const botTokens = createSingleBotToken(botToken);
  const exchange = createTriggerExchange({ slackApiUrl, botTokens, clock });
  const connections = openConnections(undefined);
  const callSlack = createCallSlack({ connections, slackApiUrl, clock });
  const backend = createNativeBackend({ exchange, callSlack, botTokens });
  const workspace = { teamId: TEAM, enterpriseId: undefined };
  const sync = createSync({
    database,
    backend,
    clock,
    background: createBackground({ logger }),
    logger,
    perMinute: 999_999,
    intervalMs: 0,
    instanceId: createReference(),
    workspaces: { list: async () => ({ workspaces: [workspace] }) },
  });

  const measured = startMeasuring();
  const result = await sync.run(workspace);
  const used = measured();
  if (result.kind !== 'done') throw new Error(`the sweep ended as ${JSON.stringify(result)}`);
  report({ ...used, users: result.sweep.users, changes: result.sweep.changes });
  await connections.close();
  await exchange.close();
  await database.close();
  process.disconnect();
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
