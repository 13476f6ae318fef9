import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createContractHandler,
  toContractResponse,
  writeContractAnswer,
  type ContractHandler,
} from '../../src/contract/index.ts';

const call = (name: string, args: object = {}) => ({
  method: 'POST',
  caller: undefined,
  parsedBody: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
});

async function json(handle: ContractHandler, request: Parameters<ContractHandler>[0]): Promise<unknown> {
  return toContractResponse(await handle(request)).json();
}

describe('the handler of the contract', () => {
  it('tells its caller and its body, and of the token no more than a digest', async () => {
    const caller = { clientId: 'worker', token: 'secret', toJSON: () => ({ clientId: 'worker' }) };
    const told = await json(createContractHandler(), { method: 'PUT', caller, parsedBody: [1] });
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(told).toEqual({
      method: 'PUT',
      tokenDigest: 'K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols',
      caller: { clientId: 'worker' },
      parsedBody: [1],
    });
  });

  it.each([[undefined], [null], [{}]])('takes %o for no body', async (parsedBody) => {
    const told = await json(createContractHandler(), { method: 'GET', caller: undefined, parsedBody });
    expect(told).toEqual({ method: 'GET', tokenDigest: null, caller: null, parsedBody: null });
  });

  it('opens a session for whoever initializes, another one each time', async () => {
    const handle = createContractHandler();
    const open = () => handle({ method: 'POST', caller: {}, parsedBody: { method: 'initialize' } });
    const ids = [(await open()).headers, (await open()).headers].map((headers) => headers['Mcp-Session-Id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('waits at a gate that another request opens, and counts who waits', async () => {
    const handle = createContractHandler();
    const waiting = handle(call('slow', { gate: 'g' }));
    expect(await json(handle, call('status'))).toEqual({ served: 1, open: 1 });
    expect(await json(handle, call('release', { gate: 'g' }))).toEqual({ released: 'g' });
    expect((await waiting).status).toBe(200);
    expect(await json(handle, call('status'))).toEqual({ served: 1, open: 0 });
  });

  it('streams the first event at once, the others when the gate opens, and stops for nobody', async () => {
    const handle = createContractHandler();
    const [stream, left] = [await handle(call('stream', { gate: 'g' })), await handle(call('stream'))];
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toMatch(/^id: 1\n/);
    await (left.body as ReadableStream).cancel();
    expect(await json(handle, call('status'))).toEqual({ served: 2, open: 1 });
    await handle(call('release', { gate: 'g' }));
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(': a comment\n\n');
    expect(await json(handle, call('status'))).toEqual({ served: 2, open: 0 });
  });

  it('reads the stream it is given', async () => {
    const handle = createContractHandler();
    expect(await json(handle, { ...call('read'), readStream: async () => 'bytes' })).toEqual({
      stream: 'bytes',
    });
    expect(await json(handle, call('read'))).toEqual({ stream: null });
  });
});

describe('writeContractAnswer', () => {
  it('ends a stream whose client has left', async () => {
    const handle = createContractHandler();
    const server = createServer((_request, response) => {
      void handle(call('stream')).then((answer) => writeContractAnswer(response, answer));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const abort = new AbortController();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const response = await fetch(url, { signal: abort.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    abort.abort();
    await expect.poll(() => json(handle, call('status')), { timeout: 5000 }).toEqual({ served: 1, open: 0 });
  });
});
