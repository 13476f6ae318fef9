import type { ContractCase } from '../contract-case.ts';
import { callTool, LIST_TOOLS, type ContractScene, type DefineCase } from '../contract-scene.ts';
import { waitForStatus } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed, MACHINE } from '../expected-caller.ts';
import { needsWrite } from '../expected-refusals.ts';

const CALLERS = 40;

/** Sends a request of every caller, which wait for each other in the handler, and reads whom it took them for. */
async function meetInHandler(scene: ContractScene, tokens: readonly string[], gate: string): Promise<void> {
  const requests = tokens.map(async (token, index) => {
    const json = callTool('slow', { gate, text: `of ${index}` });
    const answer = await scene.send({ token, json });
    expectServed(scene, answer, { token, parsedBody: json });
    const { caller } = JSON.parse(answer.body) as {
      caller: { clientId: string; subject: string; scopes: unknown };
    };
    expectSame(
      [caller.clientId, caller.subject, caller.scopes],
      [`client-${index}`, `subject-${index}`, ['deploy:read', `scope-${index}`]],
      'the caller',
    );
  });
  const all = Promise.all(requests);
  all.catch(() => undefined);
  // All of them are in the handler before the first one is answered.
  await Promise.race([waitForStatus(scene, ({ open }) => open === tokens.length), all]);
  await scene.control('release', gate);
  await all;
}

/** Cases about requests at the same time. */
export function defineConcurrencyCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('callers at the same time never see each other', async (scene) => {
      const tokens = Array.from({ length: CALLERS }, (_, index) =>
        scene.authority.mint({
          client_id: `client-${index}`,
          sub: `subject-${index}`,
          scope: `deploy:read scope-${index}`,
        }),
      );
      // Tokens nobody knows, and then the same ones, known.
      await meetInHandler(scene, tokens, 'first');
      await meetInHandler(scene, tokens, 'second');
    }),
    define(
      'what a handler does to its caller is not seen by the next one with the same token',
      async (scene) => {
        const token = scene.authority.mint();
        for (let times = 0; times < 2; times++) {
          await scene.send({ token, json: callTool('spoil') });
          const answer = await scene.send({ token });
          expectServed(scene, answer, { token, parsedBody: LIST_TOOLS, caller: MACHINE });
          const json = callTool('start_deployment');
          expectRefusal(scene, await scene.send({ token, json }), needsWrite('"id":7,'));
        }
      },
    ),
    define('a refusal does not disturb requests at the same time', async (scene) => {
      const token = scene.authority.mint();
      const json = callTool('slow', { gate: 'g' });
      const waiting = scene.send({ token, json });
      await Promise.race([waitForStatus(scene, ({ open }) => open === 1), waiting]);
      const refused = await Promise.all([
        scene.send(),
        scene.send({ token: 'nonsense' }),
        scene.send({ token: scene.authority.mint({ scope: 'other' }) }),
        scene.send({ token, json: { hello: 'world' } }),
      ]);
      expectSame(
        refused.map(({ status }) => status),
        [401, 401, 403, 400],
        'the refusals',
      );
      await scene.control('release', 'g');
      expectServed(scene, await waiting, { token, parsedBody: json });
    }),
  ];
}
