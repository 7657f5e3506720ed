import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilderSource from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const INSTALLED = '/usr/bin/chromium';
/** What works on machines without a graphics card or a display, also as root. */
const ARGUMENTS = ['--no-sandbox', '--no-zygote', '--disable-gpu'];
const FONT_FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts'];

/** A real browser: the machine's own Chromium, the one of `CHROMIUM_PATH`, or, where there is none, one from npm. */
export async function openBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH ?? (existsSync(INSTALLED) ? INSTALLED : undefined);
  if (own !== undefined) return chromium.launch({ executablePath: own, args: ARGUMENTS });
  // It brings the libraries that a bare machine lacks, where it believes to be on Lambda.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs20.x';
  // Its CommonJS form is the class itself, which its types do not say.
  const packed: typeof import('@sparticuz/chromium')['default'] = require('@sparticuz/chromium');
  packed.setGraphicsMode = false;
  const executablePath = await packed.executablePath();
  const folder = mkdtempSync(join(tmpdir(), 'scopekeeper-fonts-'));
  const fonts = join(folder, 'fonts.conf');
  writeFileSync(fonts, toFontsFile([...FONT_FOLDERS, join(tmpdir(), 'fonts')], folder));
  const env = { ...process.env, FONTCONFIG_FILE: fonts };
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS, env });
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

function toFontsFile(folders: readonly string[], cache: string): string {
  const places = folders.map((folder) => `<dir>${folder}</dir>`).join('');
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${places}<cachedir>${cache}</cachedir></fontconfig>`;
}

/** What axe finds wrong on a page, in short. Asked through the debugger: the page's own policy lets no other script in. */
export async function findFaults(page: Page): Promise<string[]> {
  const found = await page.evaluate(`(() => { ${AxeBuilderSource.source}; return axe.run(); })()`);
  const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
