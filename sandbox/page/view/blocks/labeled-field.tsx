import type { ComponentChildren } from 'preact';

interface LabeledFieldProps {
  id: string;
  label: string;
  hint: string;
  error: string | undefined;
  optional: boolean;
  /** Several controls: their fieldset carries the name, so that the visible label must not point at one of them. */
  isGroup?: boolean;
  children: (describedBy: string | undefined) => ComponentChildren;
}

/** A label, a control, its hint and its error, tied together for those who cannot see that they stand together. */
export function LabeledField({ id, label, hint, error, optional, isGroup, children }: LabeledFieldProps) {
  const hintId = hint ? `${id}-hint` : '';
  const errorId = error ? `${id}-error` : '';
  const describedBy = `${errorId} ${hintId}`.trim() || undefined;
  const title = (
    <>
      {label} {optional ? <span class="optional">optional</span> : null}
    </>
  );
  return (
    <div class={error ? 'field field-wrong' : 'field'}>
      {isGroup ? (
        <div class="field-label" aria-hidden="true">
          {title}
        </div>
      ) : (
        <label class="field-label" for={id}>
          {title}
        </label>
      )}
      {children(describedBy)}
      {error ? (
        <p id={errorId} class="field-error">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={hintId} class="field-hint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
