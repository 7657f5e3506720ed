import type { IncomingMessage } from 'node:http';

/** Whether browsers reach the app, or the proxy before it, by https: then cookies are `Secure`. */
export function isHttps(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const forwarded = [request.headers['x-forwarded-proto'] ?? ''].flat().join().split(',')[0]?.trim();
  return publicUrl?.startsWith('https:') === true || forwarded?.toLowerCase() === 'https';
}

/** Whether a posted form is on a page of ours. Every browser sends `Origin` with a post. */
export function isFromHere({ headers }: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin, host } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return new URL(origin).host === host;
}
