import type { JsonObject } from '../../types';
import { LabeledField } from './blocks/labeled-field';
import { Unknown } from './blocks/unknown';
import { isTrue, numberIn, objectsIn, textIn } from './json';

interface DialogFieldProps {
  id: string;
  element: JsonObject;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

interface ControlProps extends DialogFieldProps {
  describedBy: string | undefined;
}

export function DialogField(props: DialogFieldProps) {
  const { element, id, error } = props;
  return (
    <LabeledField
      id={id}
      label={textIn(element, 'label')}
      hint={textIn(element, 'hint')}
      error={error}
      optional={isTrue(element, 'optional')}
    >
      {(describedBy) => <Control {...props} describedBy={describedBy} />}
    </LabeledField>
  );
}

function Control({ id, element, value, error, describedBy, onChange }: ControlProps) {
  const shared = {
    id,
    class: 'control',
    value,
    'aria-describedby': describedBy,
    'aria-invalid': error ? true : undefined,
  };
  const typed = {
    ...shared,
    placeholder: textIn(element, 'placeholder'),
    maxLength: numberIn(element, 'max_length'),
  };
  const type = textIn(element, 'type');
  if (type === 'text') {
    return <input {...typed} type="text" onInput={(event) => onChange(event.currentTarget.value)} />;
  }
  if (type === 'textarea') {
    return <textarea {...typed} rows={3} onInput={(event) => onChange(event.currentTarget.value)} />;
  }
  if (type !== 'select') return <Unknown kind="An element" type={type} />;
  return (
    <select {...shared} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{textIn(element, 'placeholder') || 'Choose one'}</option>
      <Options options={objectsIn(element, 'options')} />
      {objectsIn(element, 'option_groups').map((group) => (
        <optgroup key={textIn(group, 'label')} label={textIn(group, 'label')}>
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
          {textIn(option, 'label')}
        </option>
      ))}
    </>
  );
}
