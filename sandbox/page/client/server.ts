import type { ClientDo, ClientDone, ClientState } from '../../types';

/** `sign_in`: Slack's consent page, in another tab of this browser, is to see this person from now on. */
export async function readState(user: string, options?: { sign_in: '1' }): Promise<ClientState> {
  const response = await fetch(`/client/state?${new URLSearchParams({ user, ...options })}`);
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.json();
}

/** Resolves when the app's answer is in: '' where all went well, else what went wrong, in a sentence. */
export async function doInWorkspace(action: ClientDo, appName: string): Promise<string> {
  try {
    const response = await fetch('/client/do', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    const done: ClientDone = await response.json();
    if (!done.ok) return done.error;
    if (!done.delivery?.error) return '';
    const { status, error } = done.delivery;
    return status
      ? `${appName} answered with HTTP status ${status} (${error}).`
      : `${appName} did not answer in time (${error}).`;
  } catch {
    return 'The sandbox does not answer: is it still running?';
  }
}

interface Following {
  onChange(): void;
  onLive(live: boolean): void;
}

/** The browser reconnects by itself; after each time it reads once, since it may have missed something. */
export function followChanges({ onChange, onLive }: Following): void {
  const stream = new EventSource('/client/changes');
  stream.addEventListener('open', () => {
    onLive(true);
    onChange();
  });
  stream.addEventListener('change', onChange);
  stream.addEventListener('error', () => onLive(false));
}
