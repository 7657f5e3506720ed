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
const COMPOSITION = ['services/scheduled.ts', 'services/services.ts', 'services/slack-services.ts'];

const root = join(__dirname, '..');
const listFiles = (...folders: string[]) =>
  execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && existsSync(join(root, file)));
const files = listFiles('services');

const toRoom = (file: string) => file.split('/')[1] ?? '';
const toLevel = (room: string) => LEVELS.findIndex((rooms) => rooms.includes(room));

function listNames(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

function listImports(file: string): string[] {
  return listNames(file)
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

/** The packages beside the app, and what else they may import of this repository. */
const PACKAGES = [
  { folder: 'sandbox', others: [] },
  { folder: 'bench', others: ['@scopekeeper/slack-sandbox'] },
];

describe('the packages beside the app', () => {
  it.each(PACKAGES)('$folder/ imports nothing of the app’s sources', ({ folder, others }) => {
    const sources = listFiles(folder);
    expect(sources.length).toBeGreaterThan(10);
    const leaving = sources.flatMap((file) => [
      ...listImports(file).filter((target) => !target.startsWith(`${folder}/`)),
      ...listPackages(file).filter((name) => name.startsWith('@scopekeeper/') && !isOneOf(name, others)),
    ]);
    expect(leaving).toEqual([]);
  });

  it('are imported by nothing that the app runs', () => {
    const app = listFiles().filter((file) => !/^(sandbox|bench|test)\//.test(file));
    const wrong = app.flatMap((file) => [
      ...listImports(file).filter((target) => /^(sandbox|bench|test)\//.test(target)),
      ...listPackages(file).filter((name) => name.startsWith('@scopekeeper/')),
    ]);
    expect(wrong).toEqual([]);
  });

  it('have every package that they import in their own package.json', () => {
    const missing = PACKAGES.flatMap(({ folder }) => {
      const { dependencies, devDependencies } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      );
      return listFiles(folder).flatMap((file) => {
        const names = Object.keys({ ...dependencies, ...(/\/test\//.test(file) && devDependencies) });
        return listPackages(file)
          .filter((name) => !name.startsWith('node:') && !isOneOf(name, names))
          .map((name) => `${file} imports ${name}`);
      });
    });
    expect(missing).toEqual([]);
  });
});

function listPackages(file: string): string[] {
  return listNames(file).filter((name) => !name.startsWith('.'));
}

const isOneOf = (name: string, packages: readonly string[]) =>
  packages.some((one) => name === one || name.startsWith(`${one}/`));
