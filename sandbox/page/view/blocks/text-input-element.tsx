import { isTrue, labelIn, numberIn, textIn } from '../json';
import type { ElementProps } from './element-props';
import { useField } from './field-place';

export function TextInputElement({ block, element, label, describedBy }: ElementProps) {
  const { id, state, error, change } = useField({ block, element });
  const placeholder = labelIn(element, 'placeholder');
  const props = {
    id,
    class: 'control',
    placeholder,
    value: textIn(state, 'value'),
    maxLength: numberIn(element, 'max_length'),
    'aria-label': textIn(block, 'type') === 'input' ? undefined : label || placeholder,
    'aria-describedby': describedBy,
    'aria-invalid': error ? true : undefined,
  };
  const hold = (value: string) => change({ type: 'plain_text_input', value: value === '' ? null : value });
  return isTrue(element, 'multiline') ? (
    <textarea {...props} rows={3} onInput={(event) => hold(event.currentTarget.value)} />
  ) : (
    <input {...props} type="text" onInput={(event) => hold(event.currentTarget.value)} />
  );
}
