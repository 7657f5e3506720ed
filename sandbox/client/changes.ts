import type { ServerResponse } from 'node:http';
import type { Workspace } from '../state/workspace';

/** Server-sent events: one `change` for each change. They end with the connection. */
export function streamChanges(workspace: Workspace, res: ServerResponse): void {
  let count = 0;
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  // At once, so that the page knows that it is heard.
  res.write(': listening\n\n');
  const stop = workspace.onChange(() => {
    count += 1;
    res.write(`event: change\ndata: ${count}\n\n`);
  });
  res.on('close', stop);
}
