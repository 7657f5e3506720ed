import { textIn } from '../json';
import { ButtonElement } from './button-element';
import { CheckboxesElement, RadioElement } from './choice-elements';
import type { ElementProps } from './element-props';
import { MultiSelectElement } from './multi-select-element';
import { SelectElement } from './select-element';
import { TextInputElement } from './text-input-element';
import { Unknown } from './unknown';

export function Element(props: ElementProps) {
  const type = textIn(props.element, 'type');
  switch (type) {
    case 'button':
      return <ButtonElement {...props} />;
    case 'static_select':
      return <SelectElement {...props} />;
    case 'multi_static_select':
      return <MultiSelectElement {...props} />;
    case 'plain_text_input':
      return <TextInputElement {...props} />;
    case 'checkboxes':
      return <CheckboxesElement {...props} />;
    case 'radio_buttons':
      return <RadioElement {...props} />;
    default:
      return <Unknown kind="An element" type={type} />;
  }
}
