import type { JsonObject } from '../../../types';
import { isTrue, labelIn, objectIn, textIn } from '../json';
import { Element } from './element';
import { useField } from './field-place';
import { LabeledField } from './labeled-field';

const GROUPS = new Set(['checkboxes', 'radio_buttons']);

export function InputBlock({ block }: { block: JsonObject }) {
  const element = objectIn(block, 'element') ?? {};
  const { id, error } = useField({ block, element });
  const label = labelIn(block, 'label');
  return (
    <LabeledField
      id={id}
      label={label}
      hint={labelIn(block, 'hint')}
      error={error}
      optional={isTrue(block, 'optional')}
      isGroup={GROUPS.has(textIn(element, 'type'))}
    >
      {(describedBy) => <Element block={block} element={element} label={label} describedBy={describedBy} />}
    </LabeledField>
  );
}
