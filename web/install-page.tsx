import type { ServerResponse } from 'node:http';
import { sendPage } from './page';

/** The app is installed in the workspace or enterprise of that name. */
export function sendInstalledPage(response: ServerResponse, name: string | undefined): void {
  sendPage(response, 200, {
    title: 'Scopekeeper is installed',
    children: (
      <p>
        {name === undefined ? 'It is ready.' : `It is ready in ${name}.`} Go to Slack and type{' '}
        <code>/permissions</code>.
      </p>
    ),
  });
}

/** The installation was refused on Slack's page, or failed. */
export function sendNotInstalledPage(response: ServerResponse, status: number, why: string): void {
  sendPage(response, status, {
    title: 'Scopekeeper was not installed',
    children: (
      <p>
        {why} Nothing was changed. To try again, open <code>/slack/install</code>.
      </p>
    ),
  });
}
