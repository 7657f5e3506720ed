import { useState } from 'preact/hooks';
import { HintList, hintId } from './hint-list';
import { type Hint, hintsFor, splitCommand } from './hints';
import { usePage } from './page-context';

/** Where a slash command is typed. Hints follow the combobox pattern: arrows choose, Enter or Tab takes, Escape hides. */
export function Composer() {
  const { state, channel, actions } = usePage();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(-1);
  const [hidden, setHidden] = useState(true);
  const [past, setPast] = useState<string[]>([]);
  const hints = hidden ? [] : hintsFor(typed, state.commands);
  const gesture = splitCommand(typed);
  const isKnown = state.commands.some(({ command }) => command === gesture?.command);

  const hold = (text: string, show: boolean) => {
    setTyped(text);
    setActive(-1);
    setHidden(!show);
  };
  const take = (hint: Hint) => hold(hint.text, true);
  const run = () => {
    if (!gesture || !isKnown) return;
    actions.act({ user: state.me, do: 'command', ...gesture, channel });
    setPast([typed, ...past.filter((each) => each !== typed)]);
    hold('', false);
  };
  const onKey = (key: string): boolean => {
    const chosen = hints[active];
    if (key === 'ArrowDown' && hints.length > 0) setActive((active + 1) % hints.length);
    else if (key === 'ArrowUp' && hints.length > 0) setActive(active <= 0 ? hints.length - 1 : active - 1);
    else if (key === 'ArrowUp' && past[0] && (typed === '' || past.includes(typed)))
      hold(past[past.indexOf(typed) + 1] ?? typed, false);
    else if ((key === 'Enter' || key === 'Tab') && chosen) take(chosen);
    else if (key === 'Escape' && hints.length > 0) setHidden(true);
    else return false;
    return true;
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <HintList hints={hints} active={active} onTake={take} />
      <label class="hidden" for="composer">
        Slash command
      </label>
      <div class="composer-line">
        <input
          id="composer"
          type="text"
          role="combobox"
          autoComplete="off"
          spellcheck={false}
          placeholder="Type / for a command"
          value={typed}
          aria-expanded={hints.length > 0}
          aria-controls="hints"
          aria-describedby="composer-help"
          aria-autocomplete="list"
          aria-activedescendant={hints[active] ? hintId(active) : undefined}
          onInput={(event) => hold(event.currentTarget.value, true)}
          onFocus={() => setHidden(false)}
          onBlur={() => setHidden(true)}
          onKeyDown={(event) => {
            if (onKey(event.key)) event.preventDefault();
          }}
        />
        <button type="submit" class="button button-primary" disabled={!isKnown}>
          Run
        </button>
      </div>
      <p
        id="composer-help"
        class={isKnown || typed === '' ? 'composer-help' : 'composer-help composer-wrong'}
      >
        {helpFor(typed, isKnown, hints.length > 0)}
      </p>
    </form>
  );
}

function helpFor(typed: string, isKnown: boolean, hasHints: boolean): string {
  if (typed === '' || isKnown || hasHints) return 'Enter runs it; ↑ brings the last one back';
  return typed.startsWith('/') ? 'No app here has this command' : 'Only commands run here: start with /';
}
