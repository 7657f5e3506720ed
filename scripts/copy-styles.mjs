// What the pages need besides their scripts: tsc emits scripts alone.
import { cpSync } from 'node:fs';

for (const folder of ['sandbox/page/styles', 'web/admin/styles'])
  cpSync(folder, `dist/${folder}`, { recursive: true });
