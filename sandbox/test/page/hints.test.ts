import { hintsFor, splitCommand, wordsOf } from '../../page/view/hints';

const commands = [
  { command: '/permissions', description: 'Ask', usageHint: '[request scope,scope | form | help]' },
  { command: '/ping', description: 'Pong', usageHint: '' },
];
const texts = (typed: string) => hintsFor(typed, commands).map((hint) => hint.text);

describe('hints', () => {
  it('reads the words of the manifest’s usage hint', () => {
    expect(wordsOf('[request scope,scope | form]')).toEqual([
      { word: 'request', rest: 'scope,scope' },
      { word: 'form', rest: '' },
    ]);
    expect(wordsOf('')).toEqual([]);
  });

  it('offers commands first, and then the words of the one that was typed', () => {
    expect(texts('/')).toEqual(['/permissions', '/ping']);
    expect(texts('/pi')).toEqual(['/ping']);
    expect(texts('/permissions')).toEqual([
      '/permissions',
      '/permissions request ',
      '/permissions form',
      '/permissions help',
    ]);
    expect(texts('/permissions f')).toEqual(['/permissions form']);
    expect(texts('/permissions form')).toEqual([]);
    expect(texts('hello')).toEqual([]);
  });

  it('takes a line apart as Slack does', () => {
    expect(splitCommand(' /permissions  request a, b ')).toEqual({
      command: '/permissions',
      text: 'request a, b',
    });
    expect(splitCommand('/permissions')).toEqual({ command: '/permissions', text: '' });
    expect(splitCommand('hello /permissions')).toBeUndefined();
    expect(splitCommand('/')).toBeUndefined();
  });
});
