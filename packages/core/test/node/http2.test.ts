import { connect, createServer, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { protectRequest } from '../../src/node/index.ts';
import { CALL_TOOL, createListener, createScene, LIST_TOOLS, RESOURCE, type Scene } from './scene.ts';

async function start(
  createHandler: (server: Scene['server']) => RequestListener = createListener,
): Promise<Scene & { readonly session: ClientHttp2Session }> {
  const scene = await createScene();
  const listener = createHandler(scene.server);
  const server = createServer((request, response) =>
    listener(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse & { req: IncomingMessage },
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // The client may then send what a server has to expect.
  const lenient: object = { strictSingleValueFields: false };
  const session = connect(`http://127.0.0.1:${port}`, lenient);
  onTestFinished(async () => {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { ...scene, session };
}

function send(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: unknown,
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const pseudo = { ':path': '/mcp', ':method': body === undefined ? 'GET' : 'POST' };
    const stream = session.request({ ...pseudo, ...headers }, { endStream: body === undefined });
    let status = 0;
    let text = '';
    stream.on('response', (received) => (status = received[':status'] ?? 0));
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => resolve([status, text])).on('error', reject);
    if (body !== undefined) stream.end(JSON.stringify(body));
  });
}

describe('protectRequest with HTTP/2', () => {
  it('serves and refuses as with HTTP/1', async () => {
    const { session, authority, decisions } = await start();
    const authorization = `Bearer ${authority.mint()}`;
    expect((await send(session, {}, LIST_TOOLS))[0]).toBe(401);
    const [status, text] = await send(session, { authorization }, LIST_TOOLS);
    expect([status, JSON.parse(text)]).toEqual([200, { caller: 'test-client', body: LIST_TOOLS }]);
    expect((await send(session, { authorization }, CALL_TOOL))[0]).toBe(403);
    expect((await send(session, { authorization }))[0]).toBe(200);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['refused', 'allowed', 'refused', 'allowed']);
  });

  it('puts the body back into the stream', async () => {
    const { session, authority } = await start((server) => (request, response) => {
      void (async () => {
        const result = await protectRequest(server, request, response);
        response.end(JSON.stringify([result.ok, await textOf(request)]));
      })();
    });
    const authorization = `Bearer ${authority.mint()}`;
    const large = { ...LIST_TOOLS, params: { filler: 'ü'.repeat(200_000) } };
    for (const body of [LIST_TOOLS, large]) {
      const [, text] = await send(session, { authorization }, body);
      expect(JSON.parse(text)).toEqual([true, JSON.stringify(body)]);
    }
  });

  it('refuses several Authorization headers, though Node.js keeps one', async () => {
    const { session, authority, decisions } = await start();
    const authorization = `Bearer ${authority.mint()}`;
    const pairs = [':method', 'GET', ':path', '/mcp', ':scheme', 'http', ':authority', '127.0.0.1'];
    const twice = [...pairs, 'authorization', authorization, 'authorization', authorization];
    const status = await new Promise<number>((resolve, reject) => {
      const stream = session.request(twice, { endStream: true });
      stream.on('response', (received) => resolve(received[':status'] ?? 0)).on('error', reject);
      stream.resume();
    });
    expect([status, decisions.at(-1)?.reason]).toEqual([400, 'credentials_repeated']);
  });

  it('checks proofs against the path of the request', async () => {
    const { session, authority } = await start();
    const key = await generateDpopKey();
    const token = authority.mint({ cnf: { jkt: key.thumbprint } });
    const prove = (url: string) =>
      createDpopProof({ key, method: 'POST', url, accessToken: token, now: authority.now });
    const authorization = `DPoP ${token}`;
    expect((await send(session, { authorization, dpop: prove(RESOURCE) }, LIST_TOOLS))[0]).toBe(200);
    const other = prove('https://mcp.example.com/other');
    expect((await send(session, { authorization, dpop: other }, LIST_TOOLS))[0]).toBe(401);
    const twice = [prove(RESOURCE), prove(RESOURCE)];
    expect((await send(session, { authorization, dpop: twice }, LIST_TOOLS))[0]).toBe(401);
  });
});
