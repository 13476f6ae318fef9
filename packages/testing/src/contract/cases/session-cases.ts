import { AssertionError } from 'node:assert';
import type { ContractCase } from '../contract-case.ts';
import { type ContractScene, type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import { NO_CREDENTIALS, SESSION_NOT_FOUND } from '../expected-refusals.ts';

const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } };

/** Opens a session and returns the header that names it. */
async function openSession(
  scene: ContractScene,
  token: string,
): Promise<{ readonly 'Mcp-Session-Id': string }> {
  const answer = await scene.send({ token, json: INITIALIZE });
  expectServed(scene, answer, { token, parsedBody: INITIALIZE });
  const id = answer.headers['mcp-session-id'];
  if (id === undefined)
    throw new AssertionError({ message: 'The session id of the handler did not arrive.' });
  return { 'Mcp-Session-Id': id };
}

/** Cases about sessions of the older protocol revisions. */
export function defineSessionCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('a session is there for who opened it, by any token', async (scene) => {
      const { authority } = scene;
      const headers = await openSession(scene, authority.mint());
      for (const method of ['POST', 'GET', 'DELETE']) {
        const token = authority.mint();
        const parsedBody = method === 'POST' ? LIST_TOOLS : null;
        expectServed(scene, await scene.send({ token, method, headers }), { token, method, parsedBody });
      }
    }),
    ...(
      [
        ['client', { sub: 'mallory', client_id: 'mallory' }],
        ['subject of the same client', { sub: 'mallory' }],
        ['client with the same subject', { client_id: 'mallory' }],
      ] as const
    ).map(([name, claims]) =>
      define(`a session is not found by another ${name}, whatever the method`, async (scene) => {
        const { authority } = scene;
        const headers = await openSession(scene, authority.mint());
        for (const method of ['POST', 'GET', 'DELETE']) {
          const answer = await scene.send({ token: authority.mint(claims), method, headers });
          expectRefusal(scene, answer, SESSION_NOT_FOUND);
        }
        const token = authority.mint();
        expectServed(scene, await scene.send({ token, headers }), { token, parsedBody: LIST_TOOLS });
      }),
    ),
    define('a session is no credential', async (scene) => {
      const headers = await openSession(scene, scene.authority.mint());
      expectRefusal(scene, await scene.send({ headers }), NO_CREDENTIALS);
      expectRefusal(scene, await scene.send({ headers, method: 'DELETE' }), NO_CREDENTIALS);
    }),
    define('a session that nobody knows is left to the handler', async (scene) => {
      const token = scene.authority.mint();
      const answer = await scene.send({ token, headers: { 'Mcp-Session-Id': 'unknown' } });
      expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
    }),
  ];
}
