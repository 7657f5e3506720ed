import { type MrkdwnNode, parseMrkdwn } from '../../page/view/mrkdwn';

const text = (value: string): MrkdwnNode => ({ type: 'text', text: value });

describe('mrkdwn', () => {
  it.each<[string, MrkdwnNode[]]>([
    ['plain', [text('plain')]],
    ['a *b c* d', [text('a '), { type: 'bold', children: [text('b c')] }, text(' d')]],
    [
      '_a_ and ~b~',
      [{ type: 'italic', children: [text('a')] }, text(' and '), { type: 'strike', children: [text('b')] }],
    ],
    ['`*not bold* &lt;b&gt;`', [{ type: 'code', text: '*not bold* <b>' }]],
    ['```\na\n*b*\n```', [{ type: 'pre', text: 'a\n*b*' }]],
    ['one\ntwo', [text('one'), { type: 'break' }, text('two')]],
    ['&gt; said', [{ type: 'quote', children: [text('said')] }]],
    ['<@U0BEN>', [{ type: 'user', id: 'U0BEN' }]],
    ['<#C0GENERAL|general>', [{ type: 'mention', label: '#general' }]],
    ['<!here>', [{ type: 'mention', label: '@here' }]],
    ['<!date^86400^{date} at {time}|then>', [{ type: 'date', at: 86_400_000, format: '{date} at {time}' }]],
    ['<https://a.example/?a=1&amp;b=2|x>', [{ type: 'link', url: 'https://a.example/?a=1&b=2', label: 'x' }]],
    ['<https://a.example>', [{ type: 'link', url: 'https://a.example', label: 'https://a.example' }]],
    ['snake_case_name and 2*3*4', [text('snake_case_name and 2*3*4')]],
    ['* not bold *', [text('* not bold *')]],
  ])('reads %j', (written, nodes) => {
    expect(parseMrkdwn(written)).toEqual(nodes);
  });

  it('gives no link to an address that could run something', () => {
    expect(parseMrkdwn('<javascript:alert(1)|press me>')).toEqual([text('<javascript:alert(1)|press me>')]);
    expect(parseMrkdwn('<data:text/html,x|press me>')).toEqual([text('<data:text/html,x|press me>')]);
  });

  it('leaves what only looks like a tag as text', () => {
    expect(parseMrkdwn('<script>alert(1)</script>')).toEqual([
      text('<script>'),
      text('alert(1)'),
      text('</script>'),
    ]);
  });

  it('reads a long text of opening marks in reasonable time', () => {
    const startedAt = Date.now();
    for (const mark of ['*', '_', '~', '`', '<', '*a', '_a ', '```', '&gt;', '<@', '*_~']) {
      expect(parseMrkdwn(mark.repeat(3_000)).length).toBeGreaterThan(0);
    }
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });
});
