import { renderDocument } from '../../page/document';
import type { JsonObject } from '../../types';
import { sampleMessage, samplePage } from '../support/sample-state';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (value: string) => ({ text: plain(`The ${value}`), value });
const options = [option('one'), option('two')];

function input(element: JsonObject, over: JsonObject = {}): JsonObject {
  return {
    type: 'input',
    block_id: 'b',
    label: plain('Which'),
    element: { action_id: 'a', ...element },
    ...over,
  };
}

function modalWith(blocks: JsonObject[], errors: Record<string, string> = {}): string {
  const view = { type: 'modal', title: plain('Ask'), submit: plain('Go'), blocks };
  return renderDocument(
    samplePage({ surface: { kind: 'modal', id: 'V1', view, values: {}, errors, depth: 1 } }),
  );
}

describe('fields', () => {
  it('shows what the app chose beforehand', () => {
    const select = input({ type: 'static_select', options, initial_option: options[1] });
    expect(modalWith([select])).toMatch(/<option selected value="two">|<option value="two" selected>/);
    const boxes = input({ type: 'checkboxes', options, initial_options: [options[0]] });
    expect(modalWith([boxes]).match(/ checked/g)).toHaveLength(1);
    const multi = input({ type: 'multi_static_select', options, initial_options: options });
    expect(modalWith([multi]).match(/class="chip"/g)).toHaveLength(2);
    expect(modalWith([input({ type: 'plain_text_input', initial_value: 'because' })])).toContain(
      'value="because"',
    );
  });

  it('shows what the person chose rather than that', () => {
    const block = input({ type: 'radio_buttons', options, initial_option: options[0] });
    const values = { b: { a: { type: 'radio_buttons', selected_option: options[1] } } };
    const html = renderDocument(samplePage({ messages: [sampleMessage({ blocks: [block], values })] }));
    expect(html).toMatch(/checked[^>]*><span class="option"><span>The two/);
  });

  it('ties a label, a hint and an error to their field', () => {
    const block = input({ type: 'plain_text_input' }, { hint: plain('Short'), optional: true });
    const html = modalWith([block], { b: 'Say more.' });
    const id = /<label class="field-label" for="([^"]+)">/.exec(html)?.[1];
    expect(html).toContain(`<input id="${id}"`);
    expect(html).toContain(`aria-describedby="${id}-error ${id}-hint"`);
    expect(html).toMatch(/aria-invalid="?true/);
    expect(html).toContain(`<p id="${id}-error" class="field-error">Say more.</p>`);
  });

  it('shows a legacy dialog with its errors', () => {
    const dialog = {
      title: 'Ask for one',
      submit_label: 'Ask',
      elements: [
        { type: 'select', label: 'Permission', name: 's', options: [{ label: 'The one', value: 'one' }] },
        { type: 'textarea', label: 'Reason', name: 'r', optional: true, value: 'because' },
      ],
    };
    const errors = { s: 'Choose.', '': 'Not yet.' };
    const html = renderDocument(
      samplePage({ surface: { kind: 'dialog', id: 'D1', dialog, values: {}, errors } }),
    );
    expect(html).toContain('Ask for one');
    expect(html).toContain('>The one</option>');
    expect(html).toContain('>because</textarea>');
    expect(html).toContain('Choose.');
    expect(html).toContain('Not yet.');
  });

  it('opens a button with an address as a link, unless the address is not one to follow', () => {
    const button = (url: string) => ({ type: 'button', action_id: 'u', text: plain('Docs'), url });
    const page = (url: string) =>
      renderDocument(
        samplePage({ messages: [sampleMessage({ blocks: [{ type: 'actions', elements: [button(url)] }] })] }),
      );
    expect(page('https://a.example/')).toContain('href="https://a.example/"');
    expect(page('javascript:alert(1)')).not.toContain('href="javascript');
  });
});
