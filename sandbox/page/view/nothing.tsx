import { usePage } from './page-context';

/** An empty channel: what to do here, and a first command to press. */
export function Nothing() {
  const { state, channel, actions } = usePage();
  return (
    <div class="nothing">
      <p class="nothing-title">Nothing here yet</p>
      <p>
        Type a command below, as you would in Slack. What {state.appName} answers appears here; what goes over
        the wire is listed behind the scenes.
      </p>
      <ul>
        {state.commands.map(({ command, description }) => (
          <li key={command}>
            <button
              type="button"
              class="button button-default"
              onClick={() => actions.act({ user: state.me, do: 'command', command, text: '', channel })}
            >
              <code>{command}</code>
            </button>
            <span>{description}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
