import { renderDocument } from '../../page/document';
import { placeOf } from '../../page/place';
import type { ClientState } from '../../types';
import { sampleMessage, samplePage, sampleState } from '../support/sample-state';

const NASTY = '<script>alert("1")</script><img src=x onerror=alert(1)>';

/** The page without the state that is written into it for the script: what a reader sees. */
function visible(html: string): string {
  return html.slice(html.indexOf('<body>'), html.indexOf('<script type="application/json"'));
}

describe('the page as the server renders it', () => {
  it('escapes names, messages, labels and everything else that an app or a person wrote', () => {
    const plain = { type: 'plain_text', text: NASTY };
    const html = renderDocument(
      samplePage({
        appName: NASTY,
        users: [{ id: 'U0BEN', name: NASTY, realName: NASTY, isAdmin: false, isOwner: false, isBot: false }],
        messages: [
          sampleMessage({ text: NASTY, author: { id: 'USLACKBOT', name: NASTY } }),
          sampleMessage({
            ts: '2.2',
            blocks: [
              { type: 'header', block_id: 'a', text: plain },
              { type: 'section', block_id: 'b', text: { type: 'mrkdwn', text: `*${NASTY}* <@${NASTY}>` } },
              {
                type: 'actions',
                block_id: NASTY,
                elements: [{ type: 'button', action_id: NASTY, text: plain }],
              },
              { type: NASTY },
            ],
          }),
        ],
        prompt: { appName: NASTY, scopes: [NASTY] },
        granted: { U0BEN: [NASTY] },
        log: [{ at: 0, kind: 'call', name: NASTY, outcome: NASTY, attempt: 1, detail: NASTY }],
      }),
    );
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<img');
    expect(visible(html)).toContain('&lt;script>alert(&quot;1&quot;)&lt;/script>');
  });

  it('opens the address of a url button in another tab, before any script has run', () => {
    const button = (url: string) => ({
      type: 'button',
      action_id: url,
      text: { type: 'plain_text', text: 'Allow in Slack' },
      url,
    });
    const elements = [button('http://127.0.0.1:1/authorize?a=1&b=2'), button('javascript:alert(1)')];
    const blocks = [{ type: 'actions', block_id: 'a', elements }];
    const html = visible(renderDocument(samplePage({ messages: [sampleMessage({ blocks })] })));
    expect(html).toMatch(
      /<a [^>]*href="http:\/\/127\.0\.0\.1:1\/authorize\?a=1&amp;b=2"[^>]*target="_blank"/,
    );
    expect(html).not.toContain('javascript:');
  });

  it('writes the state so that it reads back as it was, and cannot end its script element', () => {
    const model = samplePage({ messages: [sampleMessage({ text: '</script><!-- <script>' })] });
    const html = renderDocument(model);
    const written = /<script type="application\/json" id="model">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(model)));
    expect(written).not.toContain('<');
  });

  it('is there to read before any script has run', () => {
    const html = visible(
      renderDocument(
        samplePage({
          messages: [
            sampleMessage({ text: 'You granted *nothing*.' }),
            sampleMessage({ ts: '2', channel: 'D0BEN', text: 'elsewhere' }),
          ],
          granted: { U0ADA: [], U0BEN: ['reminders:write:user'] },
          prompt: { appName: 'Scopekeeper', scopes: ['dnd:write:user'] },
        }),
      ),
    );
    expect(html).toContain('You granted <strong>nothing</strong>.');
    expect(html).toContain('Only you can see this');
    expect(html).toContain('<code>reminders:write:user</code>');
    expect(html).toContain('<code>dnd:write:user</code>');
    expect(html).not.toContain('elsewhere');
    expect(html).toContain('href="/?user=U0ADA&amp;channel=C0GENERAL"');
  });

  it('shows the app’s home where the address asks for it, and says so where there is none yet', () => {
    const see = (over: Partial<ClientState>) => {
      const query = new URLSearchParams({ user: 'U0BEN', channel: 'home' });
      return visible(renderDocument(placeOf(query, (me) => sampleState({ me, ...over }))));
    };
    const blocks = [{ type: 'header', block_id: 'a', text: { type: 'plain_text', text: 'My permissions' } }];
    const html = see({
      home: { id: 'V1', view: { blocks }, values: {}, errors: {} },
      messages: [sampleMessage({ text: 'elsewhere' })],
    });
    expect(html).toContain('Home of Scopekeeper');
    expect(html).toContain('My permissions');
    expect(html).not.toContain('elsewhere');
    expect(see({ home: null })).toContain('has not published anything here yet');
  });

  it('names a block that it cannot draw', () => {
    const html = renderDocument(samplePage({ messages: [sampleMessage({ blocks: [{ type: 'video' }] })] }));
    expect(html).toContain('<code>video</code>');
  });

  it('needs no inline style and no inline handler', () => {
    const html = visible(
      renderDocument(samplePage({ prompt: { appName: 'Scopekeeper', scopes: ['a', 'b'] } })),
    );
    expect(html).not.toMatch(/\sstyle=/);
    expect(html).not.toMatch(/\son\w+=/);
  });
});
