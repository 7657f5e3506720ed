import type { IncomingMessage } from 'node:http';
import { isObject, parseJson } from '../json';
import type { JsonObject } from '../types';

export interface ParsedRequest {
  args: JsonObject;
  isJson: boolean;
  /** Slack's name for a body that cannot be read. */
  error: string | undefined;
  warning: string | undefined;
}

const FORM_TYPES = ['application/x-www-form-urlencoded', 'text/plain'];
const CHARSETS = ['utf-8', 'utf8', 'iso-8859-1'];

/** Arguments come in the query string, a form or JSON, or in the query and the body together. */
export async function parseRequest(req: IncomingMessage, url: URL, body: Buffer): Promise<ParsedRequest> {
  const query = Object.fromEntries(url.searchParams);
  const parsed: ParsedRequest = { args: query, isJson: false, error: undefined, warning: undefined };
  if (req.method === 'GET' || (body.length === 0 && !req.headers['content-type'])) return parsed;
  const header = req.headers['content-type'];
  if (!header) return { ...parsed, error: 'missing_post_type' };
  const type = header.split(';')[0]?.trim().toLowerCase() ?? '';
  const charset = /charset="?([^";\s]+)/i.exec(header)?.[1]?.toLowerCase();
  if (charset !== undefined && !CHARSETS.includes(charset)) return { ...parsed, error: 'invalid_charset' };

  if (type === 'application/json') {
    const warning = charset === undefined ? 'missing_charset' : undefined;
    const json = body.length === 0 ? {} : parseJson(body.toString('utf8'));
    if (!isObject(json)) return { ...parsed, isJson: true, error: 'invalid_json' };
    return { args: { ...query, ...json }, isJson: true, error: undefined, warning };
  }
  if (FORM_TYPES.includes(type)) {
    const form = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return { ...parsed, args: { ...query, ...form }, warning: warningFor(type, charset) };
  }
  if (type === 'multipart/form-data') {
    const form = await readMultipart(header, body);
    if (!form) return { ...parsed, error: 'invalid_form_data' };
    return { ...parsed, args: { ...query, ...form }, warning: warningFor(type, charset) };
  }
  return { ...parsed, error: 'invalid_post_type' };
}

function warningFor(type: string, charset: string | undefined): string | undefined {
  if (type === 'text/plain') return charset === undefined ? 'missing_charset' : undefined;
  return charset === undefined ? undefined : 'superfluous_charset';
}

async function readMultipart(contentType: string, body: Buffer): Promise<JsonObject | undefined> {
  try {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData();
    return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  } catch {
    return undefined;
  }
}
