import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchDirectly } from '../../../src/node/workload-identity/direct-fetch.ts';
import { startLoopbackServer } from '../../loopback-server.ts';

const MODULE = new URL('../../../src/node/workload-identity/direct-fetch.ts', import.meta.url).href;

describe('fetchDirectly', () => {
  it('asks the server itself where the global fetch would ask a proxy', async () => {
    const server = await startLoopbackServer(() => ({ body: 'from the server' }));
    let askedProxy = '';
    const proxy = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (chunk) => {
        askedProxy += chunk.toString('latin1');
        socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const script = `
      const { fetchDirectly } = await import(${JSON.stringify(MODULE)});
      const url = ${JSON.stringify(`${server.origin}/token`)};
      const viaProxy = await fetch(url, { signal: AbortSignal.timeout(10_000) }).then((response) => response.text(), () => 'failed');
      const directly = await fetchDirectly(url, { headers: { 'x-secret': 's' } });
      console.log(JSON.stringify([viaProxy, await directly.text()]));`;
    const { stdout } = await promisify(execFile)(execPath, ['--input-type=module', '--eval', script], {
      env: { PATH: env['PATH'], NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${port}` },
    });
    const [viaProxy, directly] = JSON.parse(stdout) as string[];
    expect(viaProxy, 'the control goes through the proxy').not.toBe('from the server');
    expect(askedProxy).toContain(new URL(server.origin).host);
    expect(directly).toBe('from the server');
    expect(server.requests.map(({ url, headers }) => [url, headers['x-secret']])).toEqual([['/token', 's']]);
  });

  it('gives status, headers and body as they came', async () => {
    const { origin } = await startLoopbackServer(() => ({
      status: 418,
      headers: { 'x-one': ['a', 'b'] },
      body: 'ü',
    }));
    const response = await fetchDirectly(`${origin}/`, {});
    expect([response.status, response.headers.get('x-one'), await response.text()]).toEqual([
      418,
      'a, b',
      'ü',
    ]);
  });

  it('follows no redirect', async () => {
    const { origin, requests } = await startLoopbackServer(() => ({
      status: 302,
      headers: { location: '/other' },
    }));
    expect((await fetchDirectly(`${origin}/`, {})).status).toBe(302);
    expect(requests).toHaveLength(1);
  });
});
