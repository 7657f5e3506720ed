// What the pages need besides their scripts: tsc emits scripts alone.
import { cpSync } from 'node:fs';

cpSync('web/admin/styles', 'dist/web/admin/styles', { recursive: true });
