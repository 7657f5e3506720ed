import type { IncomingMessage } from 'node:http';

export const BODY_BYTES_LIMIT = 1_048_576;
/** Past this, whoever sends does not mean well: the connection is cut. */
const BODY_BYTES_DRAINED = 16 * BODY_BYTES_LIMIT;

/**
 * The whole body, or `too_large`. What is too large is read to its end and thrown away: a client that is still
 * writing would not see the answer. Rejects if the connection breaks first: then there is nobody to answer.
 */
export function readBody(req: IncomingMessage): Promise<Buffer | 'too_large'> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_BYTES_LIMIT) chunks.push(chunk);
      else chunks = [];
      if (size > BODY_BYTES_DRAINED) req.destroy();
    });
    req.on('end', () => resolve(size > BODY_BYTES_LIMIT ? 'too_large' : Buffer.concat(chunks)));
    req.on('error', reject);
    req.on('close', () => reject(new Error('The request was broken off.')));
  });
}
