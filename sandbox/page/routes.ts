import type { IncomingMessage, ServerResponse } from 'node:http';
import { signInCookie } from '../oauth/sign-in';
import type { ClientState } from '../types';
import { findAsset } from './assets';
import { PAGE_HEADERS, renderDocument } from './document';
import { placeOf } from './place';

interface PageRoutesOptions {
  /** What `GET /client/state` answers for this user; throws for one who does not exist. */
  clientState: (userId: string) => ClientState;
}

/** Serves the workspace's page at `/` and what it is made of under `/page/`. True: handled here. */
export function createPageRoutes({ clientState }: PageRoutesOptions) {
  return (req: IncomingMessage, res: ServerResponse, url: URL): boolean => {
    const isPage = url.pathname === '/';
    if (!isPage && !url.pathname.startsWith('/page/') && url.pathname !== '/favicon.ico') return false;
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      answer(req, res, 405, { allow: 'GET, HEAD' }, 'Method not allowed\n');
      return true;
    }
    if (isPage) {
      const place = placeOf(url.searchParams, clientState);
      const headers = { ...PAGE_HEADERS, 'set-cookie': signInCookie(place.state.me) };
      answer(req, res, 200, headers, renderDocument(place));
      return true;
    }
    const asset = findAsset(url.pathname);
    if (asset) answer(req, res, 200, { 'content-type': asset.type, 'cache-control': 'no-cache' }, asset.body);
    else answer(req, res, 404, { 'content-type': 'text/plain; charset=utf-8' }, 'Not found\n');
    return true;
  };
}

function answer(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  res.writeHead(status, {
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}
