import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** A room imports only rooms of a lower level, types included. */
const LEVELS = [
  ['runtime'],
  ['config'],
  ['database'],
  ['metrics'],
  ['slack'],
  ['grants'],
  ['oauth'],
  ['messages'],
  ['permissions'],
  ['answers'],
  ['sync'],
  ['admin'],
];
/** What joins the rooms stands in none of them. */
const COMPOSITION = ['services/services.ts', 'services/slack-parts.ts'];

const root = join(__dirname, '..');
const files = execFileSync('git', ['ls-files', 'services'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.endsWith('.ts') && existsSync(join(root, file)));

const toRoom = (file: string) => file.split('/')[1] ?? '';
const toLevel = (room: string) => LEVELS.findIndex((rooms) => rooms.includes(room));

function listImports(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)));
}

describe('services/', () => {
  it('has its twelve rooms, and what joins them', () => {
    const loose = files.filter((file) => file.split('/').length === 2);
    expect(loose).toEqual(COMPOSITION);
    expect([...new Set(files.filter((file) => !loose.includes(file)).map(toRoom))].sort()).toEqual(
      LEVELS.flat().sort(),
    );
  });

  it('imports upwards nowhere', () => {
    const wrong = files
      .filter((file) => !COMPOSITION.includes(file))
      .flatMap((file) => {
        const room = toRoom(file);
        const upwards = listImports(file).filter(
          (target) => toRoom(target) !== room && !(toLevel(toRoom(target)) < toLevel(room)),
        );
        return upwards.map((target) => `${file} imports ${target}`);
      });
    expect(wrong).toEqual([]);
  });
});
