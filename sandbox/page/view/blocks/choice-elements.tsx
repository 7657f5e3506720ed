import { textIn } from '../json';
import type { ElementProps } from './element-props';
import { chosen, optionsOf, selectedValue, selectedValues, toggled } from './element-state';
import { useField } from './field-place';
import { OptionLabel } from './option-label';

export function CheckboxesElement({ block, element, label, describedBy }: ElementProps) {
  const { state, error, change } = useField({ block, element });
  const values = selectedValues(state);
  return (
    <fieldset class="choices" aria-describedby={describedBy} aria-invalid={error ? true : undefined}>
      <legend class="hidden">{label || 'Choose some'}</legend>
      {optionsOf(element).map((option) => {
        const value = textIn(option, 'value');
        return (
          <label key={value} class="choice">
            <input
              type="checkbox"
              checked={values.includes(value)}
              onChange={() => change(toggled(element, state, value))}
            />
            <OptionLabel option={option} />
          </label>
        );
      })}
    </fieldset>
  );
}

export function RadioElement({ block, element, label, describedBy }: ElementProps) {
  const { id, state, error, change } = useField({ block, element });
  return (
    <fieldset class="choices" aria-describedby={describedBy} aria-invalid={error ? true : undefined}>
      <legend class="hidden">{label || 'Choose one'}</legend>
      {optionsOf(element).map((option) => {
        const value = textIn(option, 'value');
        return (
          <label key={value} class="choice">
            <input
              type="radio"
              name={id}
              checked={selectedValue(state) === value}
              onChange={() => change(chosen(element, value))}
            />
            <OptionLabel option={option} />
          </label>
        );
      })}
    </fieldset>
  );
}
