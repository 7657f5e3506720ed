import { createBackground } from '../../../services/background';
import { systemClock } from '../../../services/clock';
import { openDatabase } from '../../../services/database/database';
import { openConnections } from '../../../services/http';
import { createSingleBotToken } from '../../../services/installations/bot-tokens';
import { createLogger } from '../../../services/logger';
import { createNativeBackend } from '../../../services/permissions/native';
import { createReference } from '../../../services/reference';
import { createCallSlack } from '../../../services/slack-api';
import { createSync } from '../../../services/sync/sync';
import { createTriggerExchange } from '../../../services/trigger/exchange';
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
