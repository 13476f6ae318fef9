import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractCase } from '../contract-case.ts';
import { callTool, type ContractScene, type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { expectNothingServed, waitForStatus } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';
import { expectServed } from '../expected-caller.ts';

/** Sends a head and a part of the body that it announces; the returned function ends the connection. */
function sendPart(scene: ContractScene, token: string, part = '{"jsonrpc"'): () => void {
  const request = scene.open({ token, headers: { 'Content-Length': '100' } });
  request.on('error', () => undefined);
  request.flushHeaders();
  request.write(part);
  return () => request.destroy();
}

/** Waits until the server has asked for keys: a token has arrived there. */
async function waitForKeyRequest({ authority, settings }: ContractScene): Promise<void> {
  const endsAt = Date.now() + settings.answerTimeoutMilliseconds;
  while (authority.endpoints.jwks.requests.length === 0) {
    expectSame(Date.now() < endsAt, true, 'that the server asked for keys in time');
    await sleep(5);
  }
}

/** Cases about clients that leave. */
export function defineDisconnectCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('a client that leaves in the middle of its body reaches nobody', async (scene) => {
      const leave = Array.from({ length: 10 }, () => sendPart(scene, scene.authority.mint()));
      // They were seen: the server asked for keys.
      if (scene.settings.bodies === 'auth-first') await waitForKeyRequest(scene);
      else await scene.control('status');
      for (const end of leave) end();
      await expectNothingServed(scene);
      const token = scene.authority.mint();
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS });
      await waitForStatus(scene, ({ served, open }) => served === 1 && open === 0);
    }),
    define('a client that leaves while its token is verified reaches nobody', async (scene) => {
      const { jwks } = scene.authority.endpoints;
      const release = jwks.hold();
      const waiting = scene.send({ token: scene.authority.mint() });
      await waitForKeyRequest(scene);
      const leave = sendPart(scene, scene.authority.mint());
      // Answered on a connection that was opened later: the others were seen.
      await scene.send();
      leave();
      await scene.send();
      release();
      await waiting;
      await waitForStatus(scene, ({ served, open }) => served === 1 && open === 0);
    }),
    define('a client that leaves before its answer disturbs nobody', async (scene) => {
      const token = scene.authority.mint();
      const request = scene
        .start({ token, json: callTool('slow', { gate: 'g' }) })
        .on('error', () => undefined);
      await waitForStatus(scene, ({ open }) => open === 1);
      request.destroy();
      await scene.send();
      await scene.control('release', 'g');
      await waitForStatus(scene, ({ served, open }) => served === 1 && open === 0);
      expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS });
    }),
  ];
}
