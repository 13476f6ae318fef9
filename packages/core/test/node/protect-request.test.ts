import type { RequestListener } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { authenticateRequest, authorizeRequest, writeAnswer } from '../../src/node/index.ts';
import type { ResourceServer } from '../../src/server/index.ts';
import { CALL_TOOL, createListener, createScene, LIST_TOOLS, listen, send } from './scene.ts';

async function start() {
  const scene = await createScene();
  const port = await listen(createListener(scene.server));
  return { ...scene, port, authorization: `Bearer ${scene.authority.mint()}` };
}

describe('protectRequest', () => {
  it('gives the handler the caller and the body that was judged', async () => {
    const { port, authorization } = await start();
    const { status, text } = await send(port, {
      headers: { authorization },
      body: JSON.stringify(LIST_TOOLS),
    });
    expect([status, JSON.parse(text)]).toEqual([200, { caller: 'test-client', body: LIST_TOOLS }]);
  });

  it.each(['GET', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'PATCH'])(
    'judges the body of a %s, where it has one',
    async (method) => {
      const { port, authorization, decisions } = await start();
      const body = JSON.stringify(CALL_TOOL);
      const headers = { authorization, 'content-length': String(body.length) };
      expect((await send(port, { method, headers, body })).status).toBe(403);
      expect(decisions.at(-1)).toMatchObject({
        reason: 'scope_insufficient',
        operations: ['tools/call start_deployment'],
      });
      const chunked = { authorization, 'transfer-encoding': 'chunked' };
      expect((await send(port, { method, headers: chunked, body })).status).toBe(403);
    },
  );

  it.each(['GET', 'DELETE'])('asks a %s without a body for the base scopes alone', async (method) => {
    const { port, authorization, authority, decisions } = await start();
    expect((await send(port, { method, headers: { authorization } })).status).toBe(200);
    const other = `Bearer ${authority.mint({ scope: 'other' })}`;
    expect((await send(port, { method, headers: { authorization: other } })).status).toBe(403);
    expect(decisions.map(({ operations }) => operations)).toEqual([[], []]);
  });

  it('refuses several Authorization headers, though Node.js keeps the first', async () => {
    const { port, authorization, decisions } = await start();
    const values = [authorization, 'Bearer other'];
    expect((await send(port, { method: 'GET', headers: { Authorization: values } })).status).toBe(400);
    expect(decisions.at(-1)?.reason).toBe('credentials_repeated');
  });

  it('answers a preflight without credentials', async () => {
    const { port, decisions } = await start();
    const headers = { 'access-control-request-method': 'POST' };
    expect((await send(port, { method: 'OPTIONS', headers })).status).toBe(204);
    expect(decisions).toEqual([]);
  });
});

describe('authenticateRequest and authorizeRequest', () => {
  /** Parses between the two, as Fastify does, unless the request says `x-parser: none`. */
  const createStepper = (server: ResourceServer, stages: string[]): RequestListener => {
    return (request, response) => {
      void (async () => {
        const authenticated = await authenticateRequest(server, request, '/mcp');
        stages.push(authenticated.ok ? 'authenticated' : 'refused');
        if (!authenticated.ok) return writeAnswer(response, authenticated.answer);
        const parsed = request.headers['x-parser'] !== 'none';
        const body: unknown = parsed ? JSON.parse(await textOf(request)) : undefined;
        const result = await authorizeRequest(authenticated, request, response, body);
        stages.push(result.ok ? 'authorized' : 'refused');
        if (!result.ok) return writeAnswer(response, result.answer);
        response.end(JSON.stringify([result.caller.clientId, result.parsedBody]));
      })();
    };
  };

  const startStepper = async () => {
    const scene = await createScene();
    const stages: string[] = [];
    const port = await listen(createStepper(scene.server, stages));
    return { ...scene, port, stages, headers: { authorization: `Bearer ${scene.authority.mint()}` } };
  };

  it.each(['own', 'none'])('are protectRequest in two steps, with a parser between: %s', async (parser) => {
    const { port, headers, stages, decisions } = await startStepper();
    const sendBody = (body: object) =>
      send(port, { headers: { ...headers, 'x-parser': parser }, body: JSON.stringify(body) });
    expect(await sendBody(LIST_TOOLS)).toEqual({
      status: 200,
      text: JSON.stringify(['test-client', LIST_TOOLS]),
    });
    expect((await sendBody(CALL_TOOL)).status).toBe(403);
    expect(stages).toEqual(['authenticated', 'authorized', 'authenticated', 'refused']);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['allowed', 'refused']);
  });

  it('refuse in the first step who has no credentials, and answer a preflight there', async () => {
    const { port, stages } = await startStepper();
    expect((await send(port, { body: '{"broken' })).status).toBe(401);
    const headers = { 'access-control-request-method': 'POST' };
    expect((await send(port, { method: 'OPTIONS', headers })).status).toBe(204);
    expect(stages).toEqual(['refused', 'refused']);
  });
});
