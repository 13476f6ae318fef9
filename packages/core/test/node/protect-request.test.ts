import { describe, expect, it } from 'vitest';
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
