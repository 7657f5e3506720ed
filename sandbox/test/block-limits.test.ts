import { startWorld, type World } from './support/world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const text = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const button = (more = {}) => ({ type: 'button', text: text(5), ...more });
const options = (count: number, textLength = 5, valueLength = 5) =>
  Array.from({ length: count }, () => ({ text: text(textLength), value: 'v'.repeat(valueLength) }));
const section = (accessory: object) => ({ type: 'section', text: text(5), accessory });
const input = (element: object) => ({ type: 'input', label: text(5), element });
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** What is just allowed, what is just too much, and what Slack says then. */
const LIMITS: [name: string, good: object[], bad: object[], message: string][] = [
  [
    'button text',
    [{ type: 'actions', elements: [button({ text: text(75) })] }],
    [{ type: 'actions', elements: [button({ text: text(76) })] }],
    '[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'button value',
    [section(button({ value: 'x'.repeat(2000) }))],
    [section(button({ value: 'x'.repeat(2001) }))],
    '[ERROR] must be less than 2001 characters [json-pointer:/blocks/0/accessory/value]',
  ],
  [
    'option text',
    [input({ type: 'static_select', options: options(1, 75) })],
    [input({ type: 'static_select', options: options(1, 76) })],
    '[ERROR] must be less than 76 characters [json-pointer:/blocks/0/element/options/0/text/text]',
  ],
  [
    'option value',
    [input({ type: 'static_select', options: options(1, 5, 150) })],
    [input({ type: 'static_select', options: options(1, 5, 151) })],
    '[ERROR] must be less than 151 characters [json-pointer:/blocks/0/element/options/0/value]',
  ],
  [
    'options of a select',
    [section({ type: 'multi_static_select', options: options(100) })],
    [section({ type: 'multi_static_select', options: options(101) })],
    '[ERROR] no more than 100 items allowed [json-pointer:/blocks/0/accessory/options]',
  ],
  [
    'no options in a group',
    [section({ type: 'static_select', option_groups: [{ label: text(1), options: options(1) }] })],
    [section({ type: 'static_select', option_groups: [{ label: text(1), options: [] }] })],
    '[ERROR] no fewer than 1 items allowed [json-pointer:/blocks/0/accessory/option_groups/0/options]',
  ],
  [
    'check boxes',
    [input({ type: 'checkboxes', options: options(10) })],
    [input({ type: 'checkboxes', options: options(11) })],
    '[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/element/options]',
  ],
  [
    'elements of an actions block',
    [{ type: 'actions', elements: many(25, () => button()) }],
    [{ type: 'actions', elements: many(26, () => button()) }],
    '[ERROR] no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'section text',
    [{ type: 'section', text: text(3000) }],
    [{ type: 'section', text: text(3001) }],
    '[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'empty text',
    [{ type: 'section', text: text(1) }],
    [{ type: 'section', text: text(0) }],
    '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'a section with neither text nor fields',
    [{ type: 'section', fields: [text(5)] }],
    [{ type: 'section' }],
    '[ERROR] missing required field: text [json-pointer:/blocks/0]',
  ],
  [
    'header',
    [{ type: 'header', text: text(150) }],
    [{ type: 'header', text: text(151) }],
    '[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'context',
    [{ type: 'context', elements: many(10, () => text(1)) }],
    [{ type: 'context', elements: many(11, () => text(1)) }],
    '[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'blocks of a message',
    many(50, () => ({ type: 'divider' })),
    many(51, () => ({ type: 'divider' })),
    '[ERROR] no more than 50 items allowed [json-pointer:/blocks]',
  ],
  [
    'block_id',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
    '[ERROR] `block_id` a already exists [json-pointer:/blocks/1]',
  ],
  [
    'action_id in an actions block',
    [{ type: 'actions', elements: [button({ action_id: 'a' }), button({ action_id: 'b' })] }],
    [{ type: 'actions', elements: [button({ action_id: 'a' }), button({ action_id: 'a' })] }],
    '[ERROR] `action_id` a already exists [json-pointer:/blocks/0/elements/1]',
  ],
  [
    'an element of no known type',
    [section(button())],
    [section({ type: 'knob' })],
    '[ERROR] unsupported type [json-pointer:/blocks/0/accessory/type]',
  ],
  [
    'the question before a press',
    [section(button({ confirm: { title: text(100), text: text(300), confirm: text(30), deny: text(30) } }))],
    [section(button({ confirm: { title: text(100), text: text(301), confirm: text(30), deny: text(30) } }))],
    '[ERROR] must be less than 301 characters [json-pointer:/blocks/0/accessory/confirm/text/text]',
  ],
  [
    'an input without an element',
    [input({ type: 'plain_text_input' })],
    [{ type: 'input', label: text(5) }],
    '[ERROR] missing required field: element [json-pointer:/blocks/0]',
  ],
];

test.each(LIMITS)('messages: %s', async (_name, good, bad, message) => {
  const post = (blocks: object[]) =>
    world.call('chat.postMessage', { channel: 'C0GENERAL', text: 'x', blocks: JSON.stringify(blocks) });

  expect(await post(good)).toMatchObject({ ok: true });
  expect(await post(bad)).toMatchObject({
    ok: false,
    error: 'invalid_blocks',
    response_metadata: { messages: [message] },
  });
});

const modal = (more = {}) => ({ type: 'modal', title: text(24), blocks: [], ...more });

test.each<[string, object, string]>([
  ['no type', { ...modal(), type: undefined }, '[ERROR] missing required field: type [json-pointer:/view]'],
  ['another type', modal({ type: 'home' }), '[ERROR] must be "modal" [json-pointer:/view/type]'],
  [
    'no title',
    { ...modal(), title: undefined },
    '[ERROR] missing required field: title [json-pointer:/view]',
  ],
  [
    'a long title',
    modal({ title: text(25) }),
    '[ERROR] must be less than 25 characters [json-pointer:/view/title/text]',
  ],
  [
    'no blocks',
    { ...modal(), blocks: undefined },
    '[ERROR] missing required field: blocks [json-pointer:/view]',
  ],
  [
    'an input but no submit',
    modal({ blocks: [input({ type: 'plain_text_input' })] }),
    '[ERROR] missing required field: submit [json-pointer:/view]',
  ],
  [
    'long metadata',
    modal({ private_metadata: 'x'.repeat(3001) }),
    '[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]',
  ],
  [
    'too many blocks',
    modal({ blocks: many(101, () => ({ type: 'divider' })) }),
    '[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]',
  ],
])('views: %s', async (_name, view, message) => {
  const open = async (sent: object) =>
    world.call('views.open', { trigger_id: await world.freshTrigger(), view: JSON.stringify(sent) });

  expect(await open(modal())).toMatchObject({ ok: true });
  expect(await open(view)).toMatchObject({
    ok: false,
    error: 'invalid_arguments',
    response_metadata: { messages: [message] },
  });
});

test('a view that is no object', async () => {
  const answer = await world.call('views.open', { trigger_id: await world.freshTrigger(), view: '7' });
  expect(answer).toMatchObject({ ok: false, error: 'invalid_arguments' });
});

const dialogText = { type: 'text', label: 'Label', name: 'name' };
const dialog = (more = {}) => ({ title: 'Title', callback_id: 'form', elements: [dialogText], ...more });

test.each<[string, object, string]>([
  ['no title', dialog({ title: '' }), '[ERROR] missing required field: title [json-pointer:/]'],
  [
    'a long title',
    dialog({ title: 'x'.repeat(25) }),
    '[ERROR] must be less than 25 characters [json-pointer:/title]',
  ],
  [
    'no callback_id',
    dialog({ callback_id: '' }),
    '[ERROR] missing required field: callback_id [json-pointer:/]',
  ],
  ['no elements', dialog({ elements: [] }), '[ERROR] missing required field: elements [json-pointer:/]'],
  [
    'too many elements',
    dialog({ elements: many(11, (index) => ({ ...dialogText, name: `n${index}` })) }),
    '[ERROR] no more than 10 items allowed [json-pointer:/elements]',
  ],
  [
    'a long label',
    dialog({ elements: [{ ...dialogText, label: 'x'.repeat(49) }] }),
    '[ERROR] must be less than 49 characters [json-pointer:/elements/0/label]',
  ],
  [
    'an unknown element',
    dialog({ elements: [{ ...dialogText, type: 'knob' }] }),
    '[ERROR] unsupported type [json-pointer:/elements/0/type]',
  ],
  [
    'a select without options',
    dialog({ elements: [{ ...dialogText, type: 'select' }] }),
    '[ERROR] no fewer than 1 items allowed [json-pointer:/elements/0/options]',
  ],
  [
    'a long option',
    dialog({
      elements: [{ ...dialogText, type: 'select', options: [{ label: 'x'.repeat(76), value: 'v' }] }],
    }),
    '[ERROR] must be less than 76 characters [json-pointer:/elements/0/options/0/label]',
  ],
])('dialogs: %s', async (_name, sent, message) => {
  const open = async (value: object) =>
    world.call('dialog.open', { trigger_id: await world.freshTrigger(), dialog: JSON.stringify(value) });

  expect(await open(dialog())).toMatchObject({ ok: true });
  expect(await open(sent)).toMatchObject({
    ok: false,
    error: 'validation_errors',
    response_metadata: { messages: [message] },
  });
});
