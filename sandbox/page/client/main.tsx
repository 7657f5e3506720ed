import { hydrate, render } from 'preact';
import { Page } from '../view/page';
import { createWorkspace } from './workspace';

/** Takes over the page that the server rendered, with the very same state, and keeps it up to date from then on. */
function start(): void {
  const root = document.getElementById('root');
  const written = document.getElementById('model')?.textContent;
  if (!root || !written) throw new Error('This page was not rendered by the sandbox.');
  const workspace = createWorkspace({
    model: JSON.parse(written),
    onChange: () => draw(render),
  });
  const draw = (way: typeof render) => way(<Page {...workspace.model()} actions={workspace.actions} />, root);
  draw(hydrate);
  workspace.start();
}

start();
