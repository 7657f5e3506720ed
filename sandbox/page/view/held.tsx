import type { SandboxUser } from '../../types';
import { usePage } from './page-context';

/** What Slack itself holds for each person: the truth that the app's own record is measured against. */
export function Held() {
  const { state } = usePage();
  return (
    <section class="held" aria-labelledby="held-title">
      <h2 id="held-title">What Slack holds</h2>
      <ul>
        {state.users
          .filter(({ isBot }) => !isBot)
          .map((user) => (
            <HeldBy key={user.id} user={user} scopes={state.granted[user.id] ?? []} />
          ))}
      </ul>
    </section>
  );
}

function HeldBy({ user, scopes }: { user: SandboxUser; scopes: string[] }) {
  const { actions } = usePage();
  return (
    <li class="held-by">
      <div class="held-head">
        <h3>{user.realName}</h3>
        {scopes.length > 0 ? (
          <button
            type="button"
            class="button button-small"
            aria-label={`Take back everything that ${user.realName} granted`}
            onClick={() => actions.act({ user: user.id, do: 'take_back' })}
          >
            Take back
          </button>
        ) : null}
      </div>
      {scopes.length === 0 ? (
        <p class="held-none">nothing</p>
      ) : (
        <ul class="held-scopes">
          {scopes.map((scope) => (
            <li key={scope}>
              <code>{scope}</code>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
