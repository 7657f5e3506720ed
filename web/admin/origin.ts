import type { IncomingMessage } from 'node:http';

/** Whether browsers speak https with us, or with the proxy before us: then cookies are for https alone. */
export function isHttps(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const forwarded = [request.headers['x-forwarded-proto'] ?? ''].flat().join().split(',')[0]?.trim();
  return publicUrl?.startsWith('https:') === true || forwarded?.toLowerCase() === 'https';
}

/** Whether a form that was posted stands on a page of ours. Every browser says where a post comes from. */
export function isFromHere({ headers }: IncomingMessage, publicUrl: string | undefined): boolean {
  const { origin, host } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return new URL(origin).host === host;
}
