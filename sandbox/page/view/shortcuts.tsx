import { usePage } from './page-context';

/** Global shortcuts of the app: in Slack they stand in the menu beside the composer, here they are always in sight. */
export function Shortcuts() {
  const { state, actions } = usePage();
  if (state.shortcuts.length === 0) return null;
  return (
    <section class="rail-part" aria-labelledby="shortcuts-title">
      <h2 id="shortcuts-title">Shortcuts</h2>
      <ul class="rail-list shortcuts">
        {state.shortcuts.map(({ callbackId, name, description }) => (
          <li key={callbackId}>
            <button
              type="button"
              class="rail-item"
              title={description}
              onClick={() => actions.act({ user: state.me, do: 'shortcut', callbackId })}
            >
              <span class="channel-sign" aria-hidden="true">
                ⚡
              </span>
              <span>{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
