import type { Hint } from './hints';

export const hintId = (index: number) => `hint-${index}`;

interface HintListProps {
  hints: Hint[];
  active: number;
  onTake(hint: Hint): void;
}

export function HintList({ hints, active, onTake }: HintListProps) {
  return (
    <div id="hints" class="hints" role="listbox" aria-label="Commands" hidden={hints.length === 0}>
      {hints.map((hint, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys act in the input, which holds the focus all along
        <div
          key={hint.text}
          id={hintId(index)}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(hint)}
        >
          <span>
            <code>{hint.text.trimEnd()}</code> {hint.rest ? <code class="hint-rest">{hint.rest}</code> : null}
          </span>
          {hint.description ? <span class="hint-description">{hint.description}</span> : null}
        </div>
      ))}
    </div>
  );
}
