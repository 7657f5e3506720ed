import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { environmentVariables, loadConfig, loadDatabaseConfig } from '../../services/config/config';
import { toDatabaseName, toDatabaseSecrets } from '../../services/config/database-url';
import { ConfigError } from '../../services/runtime/errors';

const root = join(__dirname, '../..');
const complete = { SLACK_BOT_TOKEN: 'xoxb-1-abc', SLACK_SIGNING_SECRET: '0123456789abcdef' };

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('needs a token and a signing secret, and has a default for the rest', () => {
    const config = loadConfig(complete);
    expect(config).toMatchObject({
      slackApiUrl: 'https://slack.com/api/',
      port: 3000,
      database: { kind: 'sqlite', path: join(root, 'data/scopekeeper.db') },
      requestTtlMs: 600_000,
      logLevel: 'info',
    });
    expect(config.adminUserIds.size).toBe(0);
    expect(config.catalog.find('reminders:write:user')?.label).toBe('Set reminders for you');
  });

  it('tells every fault at once, each with the variable and what to write', () => {
    const faults = faultsOf({
      SLACK_BOT_TOKEN: 'secret',
      SLACK_SIGNING_SECRET: 'two words',
      SLACK_APP_TOKEN: 'xoxb-not-this-kind',
      SLACK_CLIENT_ID: '1 2',
      SLACK_CLIENT_SECRET: 'two words',
      PUBLIC_URL: 'scopekeeper.example.com',
      TOKEN_ENCRYPTION_KEY: 'short',
      SIGNING_KEY: 'short',
      RETENTION_DAYS: 'a year',
      PERMISSIONS_BACKEND: 'both',
      SLACK_API_URL: 'ftp://slack.com',
      HTTPS_PROXY: 'proxy.example.com',
      HTTP_PROXY: 'socks5://proxy.example.com',
      NO_PROXY: 'a|b',
      PORT: '70000',
      DATABASE_URL: 'mysql://localhost/x',
      ADMIN_USER_IDS: 'ada',
      SCOPE_CATALOG: 'missing.json',
      REQUEST_TTL_MINUTES: '0',
      DENIAL_COOLDOWN_HOURS: 'long',
      SYNC_INTERVAL_MINUTES: 'often',
      TIER2_PER_MINUTE: '0',
      AUDIT_CHANNEL: '#general',
      AUDIT_WEBHOOK_URL: 'https://user:password@example.com',
      AUDIT_WEBHOOK_SECRET: 'whsec_short',
      METRICS_PORT: 'any',
      METRICS_HOST: 'two words',
      METRICS_TOKEN: 'short',
      LOG_LEVEL: 'loud',
      INSTALL_ALLOWED_TEAMS: 'C012AB3CD',
    });
    expect(faults.map((fault) => fault.split(/[ :]/)[0]).sort()).toEqual([...environmentVariables].sort());
    for (const fault of faults) expect(fault).toMatch(/: |must be|missing|copy it again/);
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'metrics.internal', '127.0.0.1.example.com'])(
    'wants a token where METRICS_HOST=%s lets other machines read the metrics',
    (METRICS_HOST) => {
      const environment = { ...complete, METRICS_PORT: '9464', METRICS_HOST };
      expect(faultsOf(environment)).toEqual([
        expect.stringMatching(/^METRICS_TOKEN is missing: .* or set METRICS_HOST=127\.0\.0\.1\.$/),
      ]);
      expect(loadConfig({ ...environment, METRICS_TOKEN: 'x'.repeat(16) }).metrics.host).toBe(METRICS_HOST);
      // Without a port of its own there is nothing to read there.
      expect(loadConfig({ ...environment, METRICS_PORT: '' }).metrics.port).toBeUndefined();
    },
  );

  it.each([undefined, 'localhost', '127.0.0.2', '::1'])('wants none where METRICS_HOST=%s', (host) => {
    const environment = { ...complete, METRICS_PORT: '9464', ...(host && { METRICS_HOST: host }) };
    expect(loadConfig(environment).metrics.token).toBeUndefined();
  });

  it.each([
    ['https://scopekeeper.example.com/', 'https://scopekeeper.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
  ])('takes %s as PUBLIC_URL', (PUBLIC_URL, expected) => {
    expect(loadConfig({ ...complete, PUBLIC_URL }).publicUrl).toBe(expected);
  });

  it.each([
    'http://scopekeeper.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com/',
  ])('refuses %s as PUBLIC_URL: Slack sends browsers back to https alone', (PUBLIC_URL) => {
    expect(faultsOf({ ...complete, PUBLIC_URL })).toEqual([expect.stringContaining('https://')]);
  });

  it('reads a proxy by either case of its names, the small letters first', () => {
    const environment = { ...complete, HTTPS_PROXY: 'http://one:3128', https_proxy: 'http://two:3128' };
    expect(loadConfig(environment).proxy).toEqual({ httpsProxy: 'http://two:3128', noProxy: '' });
    expect(loadConfig({ ...complete, NO_PROXY: 'x' }).proxy).toBeUndefined();
  });

  it('takes an empty value for none, as .env files write it', () => {
    expect(loadConfig({ ...complete, PORT: '', ADMIN_USER_IDS: ' ' }).port).toBe(3000);
    expect(faultsOf({ ...complete, SLACK_BOT_TOKEN: '' })[0]).toContain('is missing');
  });

  it('adds the slash that the API address needs, and reads lists with commas or spaces', () => {
    const config = loadConfig({
      ...complete,
      SLACK_API_URL: 'http://127.0.0.1:3100/api',
      ADMIN_USER_IDS: 'U01, W02 U03',
    });
    expect(config.slackApiUrl).toBe('http://127.0.0.1:3100/api/');
    expect([...config.adminUserIds]).toEqual(['U01', 'W02', 'U03']);
  });

  it.each([
    ['file:/var/lib/x.db', '/var/lib/x.db'],
    ['file:///var/lib/x.db', '/var/lib/x.db'],
    ['file:x.db', join(root, 'x.db')],
    ['file:./a/x.db', join(root, 'a/x.db')],
    ['file:../x.db', join(root, '../x.db')],
  ])('reads %s from the folder of package.json, whatever the working directory is', (url, path) => {
    expect(loadDatabaseConfig({ DATABASE_URL: url })).toEqual({ kind: 'sqlite', path });
  });

  it.each([
    ['postgres://sk:pw@db.example.com:5433/grants', 'db.example.com:5433/grants'],
    ['postgresql://db.example.com/grants?sslmode=verify-full', 'db.example.com/grants'],
    ['postgres:///grants?host=/var/run/postgresql', '/var/run/postgresql/grants'],
    ['postgres:///grants', 'localhost/grants'],
  ])('takes %s for PostgreSQL, and shows it as %s', (url, name) => {
    const config = loadDatabaseConfig({ DATABASE_URL: url });
    expect(config).toEqual({ kind: 'postgres', url });
    expect(toDatabaseName(config)).toBe(name);
  });

  it.each([
    [
      'mysql://root:open-sesame@localhost/x',
      /must be file: and a path, .* or the address of a PostgreSQL database/,
    ],
    ['postgres://db.example.com:5432', /must name a database at its end, such as postgres:/],
    ['postgres://sk:open-sesame@db.example.com:port/grants', /cannot be read: write it like postgres:/],
    ['postgres://sk:open-sesame%@db.example.com/grants', /%25 for %/],
  ])('refuses %s, says what to write, and shows no password', (url, expected) => {
    const [fault, ...others] = faultsOf({ ...complete, DATABASE_URL: url });
    expect(others).toEqual([]);
    expect(fault).toMatch(expected);
    expect(fault).toMatch(/^DATABASE_URL /);
    expect(fault).not.toContain('open-sesame');
  });

  it('keeps the database’s password from the log, as it is written and as it is meant', () => {
    const secretsOf = (url: string) => toDatabaseSecrets(loadDatabaseConfig({ DATABASE_URL: url }));
    expect(secretsOf('postgres://sk:open%40sesame@h/x')).toEqual(['open%40sesame', 'open@sesame']);
    expect(secretsOf('postgres://h/x?password=open-sesame')).toEqual(['open-sesame']);
    expect(secretsOf('file:x.db')).toEqual([]);
  });

  it.each([
    ['not JSON', '{', /cannot be read as JSON/],
    ['no list', '{}', /the list/],
    ['an empty list', '[]', /at least one scope/],
    ['an entry without a reason', '[{"scope":"a:b","label":"A"}]', /entry 1, reason/],
    ['a bad scope', '[{"scope":"A b","label":"A","reason":"B"}]', /entry 1, scope: must be a Slack scope/],
    [
      'a label too long',
      JSON.stringify([{ scope: 'a:b', label: 'x'.repeat(76), reason: 'B' }]),
      /at most 75/,
    ],
    ['a scope twice', JSON.stringify(Array(2).fill({ scope: 'a:b', label: 'A', reason: 'B' })), /twice/],
  ])('refuses a catalog with %s', (_what, content, expected) => {
    const path = join(mkdtempSync(join(tmpdir(), 'scopekeeper-catalog-')), 'scopes.json');
    writeFileSync(path, content);
    expect(faultsOf({ ...complete, SCOPE_CATALOG: path }).join()).toMatch(expected);
  });

  it('reads one channel for all, or one for each workspace, and wants the second where there are several', () => {
    expect(loadConfig({ ...complete, AUDIT_CHANNEL: 'C0123ABC' }).auditChannel).toEqual({
      channel: 'C0123ABC',
    });
    const pairs = { AUDIT_CHANNEL: 'T01:C01, T02:G02' };
    const byTeam = new Map([
      ['T01', 'C01'],
      ['T02', 'G02'],
    ]);
    expect(loadConfig({ ...complete, ...pairs }).auditChannel).toEqual({ byTeam });
    for (const wrong of ['general', 'T01:C01,C02', 'T01:C01,T01:C02', 'T01:#c']) {
      expect(faultsOf({ ...complete, AUDIT_CHANNEL: wrong })).toEqual([
        expect.stringMatching(/^AUDIT_CHANNEL must be/),
      ]);
    }
    const installed = {
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 's',
      TOKEN_ENCRYPTION_KEY: 'a'.repeat(64),
    };
    const several = { SLACK_SIGNING_SECRET: '0123456789abcdef', ...installed };
    expect(loadConfig({ ...several, ...pairs }).auditChannel).toEqual({ byTeam });
    expect(faultsOf({ ...several, AUDIT_CHANNEL: 'C0123ABC' })).toEqual([
      expect.stringMatching(/^AUDIT_CHANNEL must say which workspace/),
    ]);
  });

  it.each([
    ['none', undefined],
    ['one without whsec_', Buffer.alloc(32).toString('base64')],
    ['one that is too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['one that is too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['one that is no base64', 'whsec_---------------------------------'],
  ])('wants a secret of Standard Webhooks for a webhook, and refuses %s', (_what, secret) => {
    const url = { AUDIT_WEBHOOK_URL: 'https://audit.example.com/x' };
    const faults = faultsOf({ ...complete, ...url, ...(secret && { AUDIT_WEBHOOK_SECRET: secret }) });
    expect(faults).toEqual([
      expect.stringMatching(/^AUDIT_WEBHOOK_SECRET (is missing|cannot be read): write whsec_/),
    ]);
    const right = { AUDIT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 's').toString('base64')}` };
    expect(loadConfig({ ...complete, ...url, ...right }).auditWebhook?.secret).toEqual(Buffer.alloc(24, 's'));
  });

  it('is what .env.example says, variable by variable', () => {
    const example = parse(readFileSync(join(root, '.env.example')));
    expect(Object.keys(example)).toEqual([...environmentVariables]);
    const defaults = loadConfig(complete);
    const written = loadConfig({ ...complete, ...example, ...complete });
    expect(JSON.stringify(written)).toBe(JSON.stringify(defaults));
  });
});
