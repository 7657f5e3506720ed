import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from '../http/api-route';
import { readBody } from '../http/read-body';
import { jsonReply, sendReply, sendTooLarge } from '../http/reply';
import { isObject, parseJson } from '../json';
import { signInCookie } from '../oauth/sign-in';
import type { PersonDependencies } from '../person/person';
import type { ClientDone, Person } from '../types';
import type { Journal } from '../wire/journal';
import { streamChanges } from './changes';
import { doForPage } from './do';
import { isSameOrigin } from './same-origin';
import { readState } from './state';

interface Dependencies extends PersonDependencies {
  journal: Journal;
  as: (userId: string) => Person;
}

const NO_STORE = { 'Cache-Control': 'no-store' };

/** `/client/`: what the page reads and does. */
export function createClientRoute(dependencies: Dependencies): Route {
  const { workspace, journal } = dependencies;

  function sendState(res: ServerResponse, url: URL): void {
    const user = workspace.people.find(url.searchParams.get('user') ?? '');
    if (!user || user.isBot) {
      sendDone(res, { ok: false, error: 'There is no such person.' });
      return;
    }
    const isSignIn = url.searchParams.get('sign_in') === '1';
    const headers = isSignIn ? { ...NO_STORE, 'Set-Cookie': signInCookie(user.id) } : NO_STORE;
    sendReply(res, jsonReply(readState(workspace, journal, user.id), 200, headers));
  }

  async function act(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req);
    if (body === 'too_large') return sendTooLarge(res);
    const asked = parseJson(body.toString('utf8'));
    const isJson = req.headers['content-type']?.startsWith('application/json');
    if (!isJson || !isObject(asked)) return sendDone(res, { ok: false, error: 'Send a JSON object.' });
    sendDone(res, await tryToDo(asked));
  }

  async function tryToDo(asked: Record<string, unknown>): Promise<ClientDone> {
    try {
      const done = await doForPage(dependencies, asked);
      if (!done) return { ok: true, delivery: null };
      const { status = null, error = null, durationMs } = done;
      return { ok: true, delivery: { status, error, durationMs } };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  return async (req, res, url) => {
    if (!isSameOrigin(req, workspace.address.url)) {
      return sendReply(res, jsonReply({ ok: false, error: 'Only for the page of this sandbox.' }, 403));
    }
    const asked = `${req.method} ${url.pathname}`;
    if (asked === 'GET /client/state') return sendState(res, url);
    if (asked === 'GET /client/changes') return streamChanges(workspace, res);
    if (asked === 'POST /client/do') return await act(req, res);
    sendReply(res, jsonReply({ ok: false, error: 'Not found.' }, 404));
  };
}

function sendDone(res: ServerResponse, done: ClientDone): void {
  sendReply(res, jsonReply(done, done.ok ? 200 : 400, NO_STORE));
}
