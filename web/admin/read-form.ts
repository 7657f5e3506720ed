import type { IncomingMessage } from 'node:http';

/** Our forms have one or two fields. */
const MAX_FORM_BYTES = 1_000;

/** Reads the fields of a posted form; none of one that is too long. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The loop must not destroy the request: the response uses the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_FORM_BYTES) return new URLSearchParams();
    chunks.push(bytes);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
