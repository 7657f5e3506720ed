import { type Database, openDatabase } from '../../services/database/database';
import { createRenewal, RENEWAL_MARGIN_MS, type Renewal } from '../../services/oauth/renewal';
import type { SealedToken } from '../../services/oauth/token-store';
import { findUserToken, saveUserToken } from '../../services/oauth/user-store';
import { createVault } from '../../services/oauth/vault';
import { createLogger } from '../../services/runtime/logger';
import { createCipher } from '../../services/runtime/secrets/cipher';
import { readEncryptionKeys } from '../../services/runtime/secrets/keys';
import { toFailure } from '../../services/slack/errors';
import type { SlackAnswer } from '../../services/slack/web-api';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { createTestClock, type TestClock } from '../support/test-clock';
import { until } from '../support/until';

const MEMBER = { teamId: 'T1', enterpriseId: undefined, userId: 'U1' };
const HALF_A_DAY = 12 * 60 * 60;
const vault = createVault(createCipher(readEncryptionKeys(Buffer.alloc(32, 'k').toString('base64')) ?? []));

describe.each(databases)('the renewal of a token, on %s', (kind) => {
  let clock: TestClock;
  let place: TestDatabase;
  let database: Database;
  /** Slack's answers to the calls so far, each when the test says. */
  let answers: ((answer: SlackAnswer) => void)[];
  beforeEach(async () => {
    clock = createTestClock();
    place = await createTestDatabase(kind);
    database = await openDatabase({ config: place.config, clock });
    answers = [];
  });
  afterEach(async () => {
    await database.close();
    await place.destroy();
  });

  const createInstance = (): Renewal =>
    createRenewal({
      database,
      vault,
      callSlack: () => new Promise((resolve) => void answers.push(resolve)),
      client: { clientId: '1.2', clientSecret: 's' },
      clock,
      logger: createLogger({ level: 'silent', secrets: [] }),
    });

  async function store(leftMs: number): Promise<SealedToken> {
    const token = { token: 'old', refreshToken: 'refresh', expiresAtMs: clock.now() + leftMs };
    const sealed = vault.seal({ ...MEMBER, enterpriseId: '' }, token);
    await database.transact((tx) => saveUserToken(tx, MEMBER, { cutoff: 1, ...sealed }));
    return find();
  }

  async function find(): Promise<SealedToken> {
    const sealed = await findUserToken(database.query, MEMBER);
    if (sealed === undefined) throw new Error('there is no token');
    return sealed;
  }

  const toAnswer = (token: string): SlackAnswer => ({
    ok: true,
    body: { access_token: token, refresh_token: 'refresh-2', expires_in: HALF_A_DAY },
    time: Math.floor(clock.now() / 1_000),
    scopes: undefined,
  });

  it('is one call for all who ask at once, and all of them get the new one', async () => {
    const sealed = await store(0);
    const renewal = createInstance();
    const asked = Promise.all(Array.from({ length: 20 }, () => renewal.getFresh(sealed)));
    await until(() => answers.length > 0);
    answers[0]?.(toAnswer('new'));
    for (const fresh of await asked) expect(fresh).toMatchObject({ is: 'good', token: 'new' });
    expect(await renewal.getFresh(await find())).toMatchObject({ is: 'good', token: 'new' });
    expect(answers).toHaveLength(1);
  });

  it('is one call for two instances, of which the second waits for the first', async () => {
    const sealed = await store(0);
    const asked = Promise.all([createInstance(), createInstance()].map((one) => one.getFresh(sealed)));
    await until(() => answers.length > 0);
    await clock.advance(1_000);
    answers[0]?.(toAnswer('new'));
    let ended: unknown[] | undefined;
    void asked.then((fresh) => {
      ended = fresh;
    });
    await until(async () => {
      await clock.advance(50);
      return ended !== undefined;
    });
    expect(ended).toMatchObject(Array(2).fill({ is: 'good', token: 'new' }));
    expect(answers).toHaveLength(1);
  });

  it('is waited for by nobody while the old one is good, and begun two hours before it expires', async () => {
    const renewal = createInstance();
    expect(await renewal.getFresh(await store(RENEWAL_MARGIN_MS + 1_000))).toMatchObject({ token: 'old' });
    await clock.advance(1_000);
    expect(await renewal.getFresh(await find())).toMatchObject({ token: 'old' });
    await until(() => answers.length === 1);
    answers[0]?.(toAnswer('new'));
    await until(async () => vault.open(await find()).token === 'new');
    await renewal.settled();
  });

  it('that Slack could not answer is tried again by whoever asks next', async () => {
    const sealed = await store(0);
    const renewal = createInstance();
    const first = renewal.getFresh(sealed);
    await until(() => answers.length === 1);
    answers[0]?.(toFailure('http_503'));
    expect(await first).toMatchObject({ is: 'unusable', failure: { error: 'http_503' } });
    const second = renewal.getFresh(sealed);
    await until(() => answers.length === 2);
    answers[1]?.(toAnswer('new'));
    expect(await second).toMatchObject({ is: 'good', token: 'new' });
  });

  it('that Slack refused is asked for again ten minutes later, or once the clock was set back', async () => {
    const sealed = await store(0);
    const renewal = createInstance();
    const refuse = async (call: number) => {
      const asked = renewal.getFresh(sealed);
      await until(() => answers.length === call);
      answers[call - 1]?.(toFailure('invalid_grant'));
      expect(await asked).toMatchObject({ is: 'unusable', failure: { error: 'invalid_grant' } });
    };
    await refuse(1);
    expect(await renewal.getFresh(sealed)).toMatchObject({ is: 'unusable' });
    await clock.advance(10 * 60_000);
    await refuse(2);
    expect(await renewal.getFresh(sealed)).toMatchObject({ is: 'unusable' });
    expect(answers).toHaveLength(2);
    clock.set(-60 * 60_000);
    await database.query.updateTable('user_tokens').set({ expires_at_ms: clock.now() }).execute();
    const asked = renewal.getFresh(await find());
    await until(() => answers.length === 3);
    answers[2]?.(toAnswer('new'));
    expect(await asked).toMatchObject({ is: 'good', token: 'new' });
  });
});
