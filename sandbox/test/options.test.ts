import { readOptions } from '../terminal/options';

describe('the sandbox’s command line', () => {
  it('needs nothing', () => {
    expect(readOptions([])).toEqual({
      help: false,
      tour: false,
      port: 3100,
      database: undefined,
      backend: 'auto',
      socket: false,
    });
  });

  it('takes a port, a database, the tour and a cry for help', () => {
    expect(readOptions(['--tour', '--socket', '--port', '4000', '--database=x.db', '-h'])).toEqual({
      help: true,
      tour: true,
      port: 4000,
      database: 'x.db',
      backend: 'auto',
      socket: true,
    });
  });

  it.each(['native', 'oauth', 'auto'] as const)('takes the backend %s', (backend) => {
    expect(readOptions(['--backend', backend])).toMatchObject({ backend });
  });

  it.each([
    ['--nonsense'],
    ['--backend', 'other'],
    ['--backend'],
    ['--port', 'many'],
    ['--port', '0'],
    ['--port', '70000'],
    ['word'],
    ['--port'],
  ])('says in a sentence what is wrong with %s %s', (...args) => {
    expect(readOptions(args)).toEqual({ fault: expect.stringMatching(/^[^\n]{10,160}$/) });
  });
});
