import type { IncomingMessage } from 'node:http';

/** Our forms are a field or two. */
const MAX_FORM_BYTES = 1_000;

/** What a form of ours was posted with. Of one that is longer than any of ours, nothing. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Not destroyed at the end of the loop: the answer goes by the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_FORM_BYTES) return new URLSearchParams();
    chunks.push(bytes);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
