import { createSemaphore } from '../../services/permissions/queue/in-turn';

/** Lets everything go on that can. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the slots of a workspace', () => {
  /** Takes a slot in the background, and notes when it was given. */
  function createTaker(size: number) {
    const slots = createSemaphore(size);
    const given: string[] = [];
    const backs = new Map<string, () => void>();
    const take = (name: string, teamId = 'T1') =>
      slots.take(teamId).then((giveBack) => {
        given.push(name);
        backs.set(name, giveBack);
      });
    return { take, given, giveBack: (name: string) => backs.get(name)?.() };
  }

  it('are as many as there are, and are handed on in the order of asking', async () => {
    const { take, given, giveBack } = createTaker(2);
    for (const name of ['a', 'b', 'c', 'd', 'e']) void take(name);
    await turn();
    expect(given).toEqual(['a', 'b']);
    giveBack('b');
    await turn();
    expect(given).toEqual(['a', 'b', 'c']);
    giveBack('a');
    giveBack('c');
    await turn();
    expect(given).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('are given back once, however often that is said', async () => {
    const { take, given, giveBack } = createTaker(1);
    for (const name of ['a', 'b', 'c']) void take(name);
    await turn();
    giveBack('a');
    giveBack('a');
    await turn();
    expect(given).toEqual(['a', 'b']);
  });

  it('are all there again when nobody has one', async () => {
    const { take, given, giveBack } = createTaker(2);
    await Promise.all([take('a'), take('b')]);
    giveBack('a');
    giveBack('b');
    for (const name of ['c', 'd', 'e']) void take(name);
    await turn();
    expect(given).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that one gave back are one more', async () => {
    const { take, given, giveBack } = createTaker(2);
    await Promise.all([take('a'), take('b')]);
    giveBack('a');
    for (const name of ['c', 'd']) void take(name);
    await turn();
    expect(given).toEqual(['a', 'b', 'c']);
  });

  it('of one workspace are none of another’s', async () => {
    const { take, given } = createTaker(1);
    for (const name of ['a', 'b']) void take(name);
    void take('elsewhere', 'T2');
    await turn();
    expect(given).toEqual(['a', 'elsewhere']);
  });
});
