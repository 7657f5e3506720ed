import { useState } from 'preact/hooks';
import type { Prompt } from '../../types';
import { ModalFrame } from './modal-frame';
import { usePage } from './page-context';
import { describeScope } from './scope-words';

/** Slack's own modal for `apps.permissions.users.request`: allow, deny, or close it, which tells the app nothing. */
export function PermissionModal({ prompt }: { prompt: Prompt }) {
  const { state, actions } = usePage();
  const [left, setLeft] = useState<string[]>([]);
  const me = state.users.find(({ id }) => id === state.me);
  const allowed = prompt.scopes.filter((scope) => !left.includes(scope));
  const flip = (scope: string) =>
    setLeft(left.includes(scope) ? left.filter((each) => each !== scope) : [...left, scope]);
  return (
    <ModalFrame
      id="permission"
      class="modal-permission"
      kicker="Slack asks you"
      title={`${prompt.appName} wants to act for ${me?.realName ?? state.me}`}
      onClose={() => actions.act({ user: state.me, do: 'close_prompt' })}
      foot={
        <>
          <button
            type="button"
            class="button button-default"
            onClick={() => actions.act({ user: state.me, do: 'deny' })}
          >
            Deny
          </button>
          <button
            type="button"
            class="button button-primary"
            disabled={allowed.length === 0}
            onClick={() => actions.act({ user: state.me, do: 'allow', scopes: allowed })}
          >
            Allow
          </button>
        </>
      }
    >
      <p>It will be able to:</p>
      <ul class="scopes-asked">
        {prompt.scopes.map((scope) => (
          <li key={scope}>
            {prompt.scopes.length > 1 ? (
              <label class="choice">
                <input type="checkbox" checked={!left.includes(scope)} onChange={() => flip(scope)} />
                <ScopeText scope={scope} />
              </label>
            ) : (
              <ScopeText scope={scope} />
            )}
          </li>
        ))}
      </ul>
      <p class="modal-aside">Closing this answers nothing: the app hears neither a yes nor a no.</p>
    </ModalFrame>
  );
}

function ScopeText({ scope }: { scope: string }) {
  return (
    <span class="option">
      <span>{describeScope(scope)}</span>
      <small>
        <code>{scope}</code>
      </small>
    </span>
  );
}
