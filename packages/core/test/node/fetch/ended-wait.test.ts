import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLoopbackServer } from '../../loopback-server.ts';
import { openFetch, refusalOf, rejectionOf } from './open-fetch.ts';

const LOCAL = { allowLoopback: true };

describe('the end of a wait', () => {
  it('comes with the signal: before, while waiting, and while the body is read', async () => {
    const reason = new Error('the caller has left');
    const fetch = openFetch(LOCAL);
    expect(await rejectionOf(fetch('http://127.0.0.1:9/', { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );

    const waiting = new AbortController();
    const silent = await startLoopbackServer(() => () => waiting.abort(reason));
    expect(await rejectionOf(fetch(silent.origin, { signal: waiting.signal }))).toBe(reason);
    const asRequest = new AbortController();
    const mute = await startLoopbackServer(() => () => asRequest.abort('left'));
    expect(await rejectionOf(fetch(new Request(mute.origin, { signal: asRequest.signal })))).toBe('left');

    const reading = new AbortController();
    const endless = await startLoopbackServer(
      () => (response) => void response.writeHead(200).write('begun'),
    );
    const response = await fetch(endless.origin, { signal: reading.signal });
    const body = response.text();
    reading.abort(reason);
    expect(await rejectionOf(body)).toBe(reason);
  });

  it('comes with the signal while the name is looked up', async () => {
    const controller = new AbortController();
    const fetch = openFetch({ lookup: () => controller.abort() });
    expect(await rejectionOf(fetch('https://mcp.example.com/', { signal: controller.signal }))).toMatchObject(
      {
        name: 'AbortError',
      },
    );
  });

  it('comes with the time for a connection: no name, and no handshake', async () => {
    const names = openFetch({ lookup: () => undefined, connectTimeoutMilliseconds: 50 });
    expect((await refusalOf(names('https://mcp.example.com/'))).code).toBe('connect_timeout');
    const server = createTcpServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const handshakes = openFetch({ ...LOCAL, connectTimeoutMilliseconds: 50 });
    const error = await refusalOf(handshakes(`https://127.0.0.1:${port}/path`));
    expect(error.code).toBe('connect_timeout');
    expect(error.message).toBe('No connection to 127.0.0.1 within 50 ms (connectTimeoutMilliseconds).');
  });

  it('comes with the time for the head of an answer, and a body may take longer', async () => {
    const fetch = openFetch({ ...LOCAL, headersTimeoutMilliseconds: 100 });
    const silent = await startLoopbackServer(() => () => undefined);
    expect((await refusalOf(fetch(silent.origin))).code).toBe('headers_timeout');
    const slow = await startLoopbackServer(() => (response) => {
      response.writeHead(200).write('a');
      void sleep(250).then(() => response.end('b'));
    });
    expect(await (await fetch(slow.origin)).text()).toBe('ab');
  });

  it('comes with close: for those who wait, those who read and those who come later', async () => {
    const fetch = openFetch(LOCAL);
    const arrived = Promise.withResolvers<void>();
    const silent = await startLoopbackServer(() => () => arrived.resolve());
    const endless = await startLoopbackServer(
      () => (response) => void response.writeHead(200).write('begun'),
    );
    const reading = (await fetch(endless.origin)).text();
    const waiting = fetch(silent.origin);
    await arrived.promise;
    fetch.close();
    expect((await refusalOf(waiting)).code).toBe('closed');
    await expect(reading).rejects.toThrow('aborted');
    expect((await refusalOf(fetch(endless.origin))).code).toBe('closed');
    fetch.close();
  });
});
