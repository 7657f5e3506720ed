import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methods } from '../api/methods';

const SANDBOX = join(__dirname, '..');
const README = readFileSync(join(SANDBOX, 'README.md'), 'utf8');

/** Cells of the table under this heading, without its two head lines. */
function rowsUnder(heading: string): string[][] {
  const section = README.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.replace(/^\||\|$/g, '').trim()),
  );
}

const ticked = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
const filesOf = (cell = '') => cell.split(',').map((name) => name.trim());
const textOf = (file: string) => readFileSync(join(__dirname, file), 'utf8');

/** All payload and event types that the sandbox itself makes. */
function typesInCode(): string[] {
  const folders = ['gestures', '.'].map((folder) => join(SANDBOX, folder));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter(
        (name) => name.endsWith('.ts') && name !== 'types.ts' && name !== 'main.ts' && name !== 'tour.ts',
      )
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );
  const found = sources.flatMap((source) =>
    [...source.matchAll(/\btype: '([a-z_]+)'/g)].map((match) => match[1] ?? ''),
  );
  // These two are kinds of container inside a payload.
  return [...new Set(found)].filter((type) => type !== 'message' && type !== 'view').sort();
}

const METHOD_ROWS = rowsUnder('Web API methods');
const PAYLOAD_ROWS = rowsUnder('What Slack sends');

test('the list of methods is complete, and lists nothing else', () => {
  expect(METHOD_ROWS.map(([method]) => ticked(method)[0])).toEqual([...methods.keys()]);
});

test('the list of payloads is complete', () => {
  const listed = PAYLOAD_ROWS.map(([payload]) => ticked(payload)[0] ?? '');
  // Neither of the two has a type: a command is a bare form, a response_url is an address.
  expect(listed.filter((name) => name !== 'command' && name !== 'response_url').sort()).toEqual(
    typesInCode(),
  );
});

test.each(METHOD_ROWS)(
  '%s: its tests exist and name it and its errors',
  (method, emulated, errors, tests) => {
    const name = ticked(method)[0] ?? '';
    expect(emulated).not.toBe('');
    const files = filesOf(tests);
    for (const file of files) expect(existsSync(join(__dirname, file))).toBe(true);
    const texts = files.map(textOf);
    // One test goes through all methods, and finds them by their list.
    for (const text of texts) expect(text.includes(name) || text.includes('...methods')).toBe(true);
    for (const error of ticked(errors)) {
      expect({ error, isTested: texts.some((text) => new RegExp(`\\b${error}\\b`).test(text)) }).toEqual({
        error,
        isTested: true,
      });
    }
  },
);

test.each(PAYLOAD_ROWS)('%s: its tests exist and name it', (payload, emulated, tests) => {
  expect(emulated).not.toBe('');
  for (const file of filesOf(tests)) {
    expect(existsSync(join(__dirname, file))).toBe(true);
    expect(textOf(file)).toContain(ticked(payload)[0]);
  }
});

test('what is said of all methods is tested, too', () => {
  const section = README.split('\nAll methods:')[1]?.split('\n\n')[0] ?? '';
  const text = textOf('api-basics.test.ts') + textOf('permissions-request.test.ts');
  const errors = ticked(section).filter((name) => /^(invalid|missing|unknown|superfluous)_/.test(name));
  expect(errors.length).toBeGreaterThan(8);
  for (const error of errors) expect(text).toContain(error);
});

test('every error that a method can answer with is in its row or among those of all', () => {
  const listed = new Set(ticked(README.replace(/```[\s\S]*?```/g, '')));
  const sources = readdirSync(join(SANDBOX, 'api')).map((name) =>
    readFileSync(join(SANDBOX, 'api', name), 'utf8'),
  );
  const refused = sources.flatMap((source) =>
    [...source.matchAll(/refuse\('([a-z_]+)'/g)].map((match) => match[1]),
  );
  expect(refused.length).toBeGreaterThan(20);
  for (const error of refused) expect(listed).toContain(error);
});
