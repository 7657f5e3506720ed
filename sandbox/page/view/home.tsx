import { Blocks } from './blocks/blocks';
import { FieldPlace } from './blocks/field-place';
import { objectsIn } from './json';
import { Notice } from './notice';
import { usePage } from './page-context';

/** The middle, where the app's Home tab is open: what the app published for the chosen person. */
export function Home() {
  const { state } = usePage();
  const { home, appName } = state;
  const me = state.users.find(({ id }) => id === state.me)?.realName ?? state.me;
  return (
    <section class="channel" id="home" tabIndex={-1} aria-label={`Home of ${appName}, seen by ${me}`}>
      <header class="channel-head">
        <h2>Home of {appName}</h2>
        <p>
          seen by <strong>{me}</strong>
        </p>
      </header>
      <div class="home">
        {home ? (
          <FieldPlace
            value={{
              key: home.id,
              target: { viewId: home.id },
              values: home.values,
              errors: home.errors,
            }}
          >
            <Blocks blocks={objectsIn(home.view, 'blocks')} />
          </FieldPlace>
        ) : (
          <p class="nothing">{appName} has not published anything here yet.</p>
        )}
        {home?.errors[''] ? <p class="home-error">{home.errors['']}</p> : null}
      </div>
      <Notice />
    </section>
  );
}
