import { createHash } from 'node:crypto';
import { type Sandbox, startSandbox } from '../../sandbox';
import manifest from '../support/manifest.json';

describe('the page over HTTP', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ manifest });
  });
  afterAll(() => sandbox.close());

  it('allows scripts and styles from files only, and its own import map', async () => {
    const response = await fetch(`${sandbox.url}/`);
    const html = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(response.status).toBe(200);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const importMap = /<script type="importmap">(.*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(policy).toContain(`'sha256-${createHash('sha256').update(importMap).digest('base64')}'`);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('asks nobody else for anything', async () => {
    const html = await (await fetch(`${sandbox.url}/`)).text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(5);
    for (const address of addresses) expect(address).toMatch(/^[/#](?!\/)/);
  });

  it('serves its styles and Preact', async () => {
    const html = await (await fetch(`${sandbox.url}/`)).text();
    const styles = [...html.matchAll(/href="(\/page\/styles\/[^"]+)"/g)].map(([, address]) => address);
    for (const address of [...styles, '/page/vendor/preact.js', '/page/vendor/preact-hooks.js']) {
      const response = await fetch(sandbox.url + address);
      expect([address, response.status]).toEqual([address, 200]);
      expect(response.headers.get('content-type')).toMatch(/css|javascript|svg/);
    }
  });

  it('serves no other file', async () => {
    const paths = [
      '/page/styles/../../../package.json',
      '/page/styles/..%2f..%2f..%2fpackage.json',
      '/page/styles/%2e%2e/%2e%2e/main.ts',
      '/page/modules/../../../../package.json',
      '/page/styles/',
      '/page/modules/',
      '/page/',
      '/page/vendor/other.js',
      '/page/styles/\u0000',
    ];
    for (const path of paths) expect([path, (await fetch(sandbox.url + path)).status]).toEqual([path, 404]);
  });

  it('takes only reading', async () => {
    expect((await fetch(`${sandbox.url}/`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${sandbox.url}/`, { method: 'HEAD' })).status).toBe(200);
  });

  it('shows the person that the address names, and the first one where it names nobody', async () => {
    const seenBy = async (query: string) =>
      /seen by <strong>(.*?)<\/strong>/.exec(await (await fetch(`${sandbox.url}/${query}`)).text())?.[1];
    expect(await seenBy('?user=U0CLEO')).toBe('Cleo Member');
    expect(await seenBy('?user=U0APP')).toBe('Ada Admin');
    expect(await seenBy('?user=nobody&channel=nowhere')).toBe('Ada Admin');
  });
});
