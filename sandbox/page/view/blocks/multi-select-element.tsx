import { useState } from 'preact/hooks';
import { labelIn, textIn } from '../json';
import type { ElementProps } from './element-props';
import { optionsOf, selectedValues, toggled } from './element-state';
import { useField } from './field-place';
import { OptionLabel } from './option-label';

/** A button that says what is chosen, and opens a list to tick. A plain `<select multiple>` needs Ctrl to use. */
export function MultiSelectElement({ block, element, label, describedBy }: ElementProps) {
  const { id, state, error, change } = useField({ block, element });
  const [open, setOpen] = useState(false);
  const options = optionsOf(element);
  const values = selectedValues(state);
  const picked = options.filter((option) => values.includes(textIn(option, 'value')));
  const placeholder = labelIn(element, 'placeholder') || 'Choose some';
  const isInput = textIn(block, 'type') === 'input';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is for whatever in here has the focus
    <div
      class={open ? 'multi multi-open' : 'multi'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.querySelector('button')?.focus();
        setOpen(false);
      }}
    >
      <button
        type="button"
        id={id}
        class="control multi-button"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-label={isInput ? undefined : `${label || placeholder}: ${picked.length} chosen`}
        aria-describedby={describedBy}
        aria-invalid={error ? true : undefined}
        onClick={() => setOpen(!open)}
      >
        {picked.length === 0 ? <span class="placeholder">{placeholder}</span> : null}
        {picked.map((option) => (
          <span key={textIn(option, 'value')} class="chip">
            {labelIn(option, 'text')}
          </span>
        ))}
      </button>
      <fieldset id={`${id}-list`} class="multi-list" hidden={!open}>
        <legend class="hidden">{label || placeholder}</legend>
        {options.map((option) => {
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
    </div>
  );
}
