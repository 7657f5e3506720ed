import { randomBytes } from 'node:crypto';
import { SecretError } from '../../services/runtime/errors';
import { createCipher, KEY_ID_LENGTH } from '../../services/runtime/secrets/cipher';
import { type EncryptionKey, readEncryptionKeys } from '../../services/runtime/secrets/keys';

const TOKEN = 'xoxb-1-a-token-of-the-app';
const PLACE = 'token access E1 T1 U1';

function readKeys(text: string): readonly EncryptionKey[] {
  const keys = readEncryptionKeys(text);
  if (keys === undefined) throw new Error(`${text} was not read`);
  return keys;
}
const createKey = () => readKeys(randomBytes(32).toString('base64'))[0]!;
const [key, other] = [createKey(), createKey()];

describe('what is encrypted', () => {
  const cipher = createCipher([key]);
  const sealed = cipher.seal(TOKEN, PLACE);

  it('can be read again, whatever stands in it', () => {
    expect(cipher.open(sealed, PLACE)).toBe(TOKEN);
    for (const text of ['', '\0', 'Ä ✓ 🎉', 'x'.repeat(5_000)]) {
      expect(cipher.open(cipher.seal(text, PLACE), PLACE)).toBe(text);
    }
  });

  it('shows nothing of what is in it, and is another text each time', () => {
    expect(sealed).toMatch(/^[0-9a-f]{8}\.[\w-]+$/);
    expect(Buffer.from(sealed.slice(KEY_ID_LENGTH + 1), 'base64url').toString('latin1')).not.toContain('xox');
    expect(cipher.seal(TOKEN, PLACE)).not.toBe(sealed);
  });

  it('cannot be read once a bit of it has changed', () => {
    const bytes = Buffer.from(sealed.slice(KEY_ID_LENGTH + 1), 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      const text = `${sealed.slice(0, KEY_ID_LENGTH)}.${changed.toString('base64url')}`;
      expect(() => cipher.open(text, PLACE)).toThrow(SecretError);
    }
  });

  it.each([
    ['cut off in the middle', sealed.slice(0, 30)],
    ['with nothing after the name of its key', sealed.slice(0, KEY_ID_LENGTH + 1)],
    ['without a dot', sealed.slice(0, KEY_ID_LENGTH)],
  ])('cannot be read %s', (_what, text) => {
    expect(() => cipher.open(text, PLACE)).toThrow(SecretError);
  });

  it('cannot be read in another row, nor an access token as a refresh token', () => {
    for (const place of ['token access E1 T1 U2', 'token access E1 T2 U1', 'token refresh E1 T1 U1', '']) {
      expect(() => cipher.open(sealed, place)).toThrow(/changed, or moved/);
    }
  });

  it('cannot be read with another key, and names the one that is missing', () => {
    expect(() => createCipher([other]).open(sealed, PLACE)).toThrow(
      new RegExp(`the key ${key.id}, which TOKEN_ENCRYPTION_KEY does not contain`),
    );
    const posing = createCipher([{ ...other, id: key.id }]);
    expect(() => posing.open(sealed, PLACE)).toThrow(SecretError);
  });

  it('can be read by an older key, while the first one encrypts', () => {
    const both = createCipher([other, key]);
    expect(both.open(sealed, PLACE)).toBe(TOKEN);
    expect(both.currentKeyId).toBe(other.id);
    const anew = both.seal(TOKEN, PLACE);
    expect(anew.startsWith(`${other.id}.`)).toBe(true);
    expect(createCipher([other]).open(anew, PLACE)).toBe(TOKEN);
    expect([both.hasKey(key.id), both.hasKey(other.id), cipher.hasKey(other.id)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('needs a key', () => {
    expect(() => createCipher([])).toThrow(SecretError);
  });
});

describe('keys', () => {
  const bytes = randomBytes(32);

  it('are read from base64, base64url and hex, and have the same name in each', () => {
    const texts = [
      bytes.toString('base64'),
      bytes.toString('base64').replace('=', ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
    ];
    const ids = texts.map((text) => readKeys(text)[0]?.id);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toHaveLength(KEY_ID_LENGTH);
  });

  it('keep their order, with commas and spaces between them', () => {
    const texts = [bytes.toString('hex'), randomBytes(32).toString('base64')];
    expect(readKeys(texts.join(' , ')).map(({ text }) => text)).toEqual(texts);
  });

  it.each([
    ['nothing', ''],
    ['a comma too many', `${bytes.toString('hex')},`],
    ['a word', 'correct horse battery staple'],
    ['16 bytes', randomBytes(16).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['a good one beside a bad one', `${bytes.toString('hex')},short`],
  ])('are refused where there is %s', (_what, text) => {
    expect(readEncryptionKeys(text)).toBeUndefined();
  });
});
