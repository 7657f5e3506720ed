import type { JsonObject } from '../../../types';
import { labelIn, objectsIn, textIn } from '../json';
import type { ElementProps } from './element-props';
import { chosen, selectedValue } from './element-state';
import { useField } from './field-place';

export function SelectElement({ block, element, label, describedBy }: ElementProps) {
  const { id, state, error, change } = useField({ block, element });
  const placeholder = labelIn(element, 'placeholder') || 'Choose one';
  const isInput = textIn(block, 'type') === 'input';
  return (
    <select
      id={id}
      class="control"
      value={selectedValue(state)}
      aria-label={isInput ? undefined : label || placeholder}
      aria-describedby={describedBy}
      aria-invalid={error ? true : undefined}
      onChange={(event) => change(chosen(element, event.currentTarget.value))}
    >
      <option value="">{placeholder}</option>
      <Options options={objectsIn(element, 'options')} />
      {objectsIn(element, 'option_groups').map((group, index) => (
        <optgroup key={index} label={labelIn(group, 'label')}>
          <Options options={objectsIn(group, 'options')} />
        </optgroup>
      ))}
    </select>
  );
}

function Options({ options }: { options: JsonObject[] }) {
  return (
    <>
      {options.map((option) => (
        <option key={textIn(option, 'value')} value={textIn(option, 'value')}>
          {labelIn(option, 'text')}
        </option>
      ))}
    </>
  );
}
