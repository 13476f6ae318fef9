import { Agent } from 'node:http';
import type { ContractCase } from '../contract-case.ts';
import { callTool, LIST_TOOLS, type DefineCase } from '../contract-scene.ts';
import { waitForStatus } from '../contract-status.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import { NO_CREDENTIALS, refusedToken } from '../expected-refusals.ts';

/** Cases about several requests on one connection. */
export function defineConnectionCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('callers on one connection are told apart', async (scene) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (const name of ['alice', 'bob', 'alice']) {
          const token = scene.authority.mint({ sub: name, client_id: name });
          const answer = await scene.send({ token, agent });
          expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
          expectRefusal(scene, await scene.send({ agent }), NO_CREDENTIALS);
        }
      } finally {
        agent.destroy();
      }
    }),
    define('the body of a refused request is not taken for the next request', async (scene) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const token = scene.authority.mint();
      const message = JSON.stringify(LIST_TOOLS);
      const smuggled = [
        `POST ${scene.path} HTTP/1.1`,
        'Host: 127.0.0.1',
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        `Content-Length: ${message.length}`,
        '',
        message,
      ].join('\r\n');
      const malformed = refusedToken('The access token is not a well-formed signed JWT.');
      try {
        for (const body of [
          JSON.stringify(callTool('echo', { text: smuggled })),
          [message, ' '.repeat(70_000)],
        ]) {
          expectRefusal(scene, await scene.send({ token: 'nonsense', body, agent }), malformed);
        }
        // As text, which is not for whoever parses JSON: it is left in the connection.
        const headers = { 'Content-Type': 'text/plain' };
        const refused = await scene.send({ body: smuggled, headers, agent });
        // A parser that comes first may refuse the type before the caller.
        if (scene.settings.bodies === 'auth-first' || refused.status !== 415) {
          expectRefusal(scene, refused, NO_CREDENTIALS);
        }
        expectServed(scene, await scene.send({ token, agent }), { token, parsedBody: LIST_TOOLS });
        await waitForStatus(scene, ({ served, open }) => served === 1 && open === 0);
      } finally {
        agent.destroy();
      }
    }),
  ];
}
