import { Channel } from './channel';
import { DialogModal } from './dialog-modal';
import { Home } from './home';
import { HOME, PageContext, type PageValue } from './page-context';
import { Panel } from './panel';
import { PermissionModal } from './permission-modal';
import { Rail } from './rail';
import { ViewModal } from './view-modal';

/** The whole page: the same on the server, for the first paint, and in the browser from then on. */
export function Page(value: PageValue) {
  const { state, pane, channel } = value;
  const isHome = channel === HOME;
  return (
    <PageContext.Provider value={value}>
      <div class={`page page-${pane}`}>
        <a class="skip" href={isHome ? '#home' : '#composer'}>
          {isHome ? 'Skip to the home' : 'Skip to the composer'}
        </a>
        <Rail />
        <main class="desk">
          {isHome ? <Home /> : <Channel />}
          <Panel />
        </main>
      </div>
      <Surfaces state={state} />
    </PageContext.Provider>
  );
}

/** One at a time: Slack's own question covers the app's form, whose drafts wait. */
function Surfaces({ state }: Pick<PageValue, 'state'>) {
  const { prompt, surface, me } = state;
  if (prompt) return <PermissionModal key={`prompt ${me} ${prompt.scopes.join()}`} prompt={prompt} />;
  if (surface?.kind === 'modal') return <ViewModal key={surface.id} modal={surface} />;
  if (surface?.kind === 'dialog') return <DialogModal key={surface.id} modal={surface} />;
  return null;
}
