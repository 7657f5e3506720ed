import { describeScope } from '../page/view/scope-words';
import type { SandboxUser } from '../types';
import type { AuthorizeModel } from './authorize-model';
import { renderFrame } from './frame';

/** Slack's consent page: who asks, whom, for what, and for where. */
export function renderAuthorizePage(model: AuthorizeModel, humans: SandboxUser[]): string {
  const { appName, teams, botScopes, person, fields } = model;
  const title = `${appName} asks for permission`;
  const children = (
    <>
      <Account model={model} humans={humans} />
      <h1>
        {appName}{' '}
        {botScopes.length > 0 ? 'is requesting to be installed' : `wants to act for ${person.realName}`}
      </h1>
      {teams.length === 0 ? (
        <p class="modal-error" role="alert">
          {person.realName} is not in this workspace. Sign in as somebody who is.
        </p>
      ) : (
        <form method="post" action="/oauth/v2/authorize" class="authorize-form">
          {Object.entries(fields).map(([name, value]) => (
            <input type="hidden" name={name} value={value} key={name} />
          ))}
          <Places teams={teams} />
          <BotScopes scopes={botScopes} />
          <UserScopes scopes={model.scopes} />
          <div class="modal-foot">
            <button type="submit" name="decision" value="deny" class="button button-default">
              Deny
            </button>
            <button type="submit" name="decision" value="allow" class="button button-primary">
              Allow
            </button>
          </div>
        </form>
      )}
      <p class="modal-aside">Closing this page answers nothing: the app hears neither a yes nor a no.</p>
    </>
  );
  return renderFrame({ title, model, children });
}

/** Links, so that it works without a script: each shows the same question to another person. */
function Account({ model: { person, fields }, humans }: { model: AuthorizeModel; humans: SandboxUser[] }) {
  const { user: _, ...question } = fields;
  const others = humans.filter(({ id }) => id !== person.id);
  return (
    <p class="authorize-account">
      Signed in to Slack as <strong>{person.realName}</strong>. Switch to{' '}
      {others.map(({ id, realName }, index) => (
        <span key={id}>
          {index > 0 ? ', ' : ''}
          <a href={`/oauth/v2/authorize?${new URLSearchParams({ ...question, as: id })}`}>{realName}</a>
        </span>
      ))}
      .
    </p>
  );
}

function Places({ teams }: Pick<AuthorizeModel, 'teams'>) {
  const [first, ...others] = teams;
  if (others.length === 0) {
    return (
      <p>
        Workspace: <strong>{first?.name}</strong>
      </p>
    );
  }
  return (
    <fieldset class="field">
      <legend class="field-label">Where</legend>
      {teams.map(({ id, name }) => (
        <label class="choice" key={id}>
          <input type="radio" name="place" value={id} checked={id === first?.id} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

function BotScopes({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) return null;
  return (
    <section>
      <h2>What the app itself asks for</h2>
      <ul class="scopes-asked">
        {scopes.map((scope) => (
          <li key={scope}>
            <code>{scope}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function UserScopes({ scopes }: Pick<AuthorizeModel, 'scopes'>) {
  if (scopes.length === 0) return null;
  return (
    <fieldset>
      <legend>
        <h2>For you it will be able to</h2>
      </legend>
      <ul class="scopes-asked">
        {scopes.map(({ scope, optional, granted }) => (
          <li key={scope}>
            <label class="choice">
              <input type="checkbox" name="ticked" value={scope} checked disabled={!optional || granted} />
              <ScopeText scope={scope} note={granted ? 'granted already' : optional ? 'optional' : ''} />
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function ScopeText({ scope, note = '' }: { scope: string; note?: string }) {
  return (
    <span class="option">
      <span>
        {describeScope(scope)}
        {note && <span class="optional"> ({note})</span>}
      </span>
      <small>
        <code>{scope}</code>
      </small>
    </span>
  );
}
