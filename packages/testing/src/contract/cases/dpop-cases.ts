import { setTimeout as sleep } from 'node:timers/promises';
import { createBoundClient } from '../bound-client.ts';
import type { ContractCase } from '../contract-case.ts';
import { type DefineCase, LIST_TOOLS, RESOURCE_ORIGIN } from '../contract-scene.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import {
  NO_CREDENTIALS_AND_PROOF,
  NO_CREDENTIALS_OR_PROOF,
  refusedBoundToken,
  refusedProof,
  refusedToken,
} from '../expected-refusals.ts';

const USED_BEFORE = refusedProof('The DPoP proof was used before; make a new one for every request.');
const NONCE_NEEDED = {
  ...refusedProof('The DPoP proof needs the nonce of the header DPoP-Nonce.', 'use_dpop_nonce'),
  patterns: { 'dpop-nonce': /^[\w-]{20,}$/ },
};
const NONCES = { dpop: { nonce: { lifetimeSeconds: 1 } } };

/** Cases about tokens that are bound to a key. */
export function defineDpopCases(define: DefineCase): readonly ContractCase[] {
  return [
    define(
      'DPoP is offered beside Bearer',
      async (scene) => {
        expectRefusal(scene, await scene.send(), NO_CREDENTIALS_OR_PROOF);
      },
      { dpop: {} },
    ),
    define(
      'DPoP alone is asked for where it is required',
      async (scene) => {
        expectRefusal(scene, await scene.send(), NO_CREDENTIALS_AND_PROOF);
        const unbound = await scene.send({ token: scene.authority.mint() });
        expectRefusal(scene, unbound, refusedBoundToken('The request needs a token bound to a DPoP key.'));
      },
      { dpop: { required: true } },
    ),
    define('a bound token is refused as Bearer, and an unbound one as DPoP', async (scene) => {
      const { token } = await createBoundClient(scene);
      expectRefusal(
        scene,
        await scene.send({ token }),
        refusedBoundToken('The request needs the scheme DPoP.'),
      );
      const unbound = await scene.send({ headers: { Authorization: `DPoP ${scene.authority.mint()}` } });
      const sentence = 'The request needs a token bound to a key, with the scheme DPoP.';
      expectRefusal(scene, unbound, refusedBoundToken(sentence));
    }),
    define('a bound token is accepted with its proof, once', async (scene) => {
      const { token, prove, send } = await createBoundClient(scene);
      const proof = prove();
      expectServed(scene, await send({}, proof), { token, parsedBody: LIST_TOOLS });
      expectRefusal(scene, await send({}, proof), USED_BEFORE);
      expectServed(scene, await send(), { token, parsedBody: LIST_TOOLS });
    }),
    define('a bound token without a proof, or with two, is refused', async (scene) => {
      const { token, prove, send } = await createBoundClient(scene);
      const none = await scene.send({ headers: { Authorization: `DPoP ${token}` } });
      const missing = 'The access token is bound to a key; send a proof of possession in the DPoP header.';
      expectRefusal(scene, none, refusedProof(missing));
      const two = await send({}, prove(), prove());
      expectRefusal(scene, two, refusedProof('The DPoP proof needs a well-formed signed JWT.'));
    }),
    define('a proof is for one method', async (scene) => {
      const { token, prove, send } = await createBoundClient(scene);
      const refused = refusedProof('The DPoP proof needs "htm": "GET".');
      expectRefusal(scene, await send({ method: 'GET' }), refused);
      expectServed(scene, await send({ method: 'GET' }, prove({ method: 'GET' })), { token, method: 'GET' });
    }),
    define('a proof is for the path as the client sent it, whatever its query', async (scene) => {
      const { path } = scene;
      const { token, prove, send } = await createBoundClient(scene);
      const answer = await send({ path: `${path}?session=1` });
      expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
      const other = await send({}, prove({ url: `${RESOURCE_ORIGIN}/other` }));
      const sentence = `The DPoP proof needs "htu": "${RESOURCE_ORIGIN}${path}".`;
      expectRefusal(scene, other, refusedProof(sentence));
    }),
    define('no header decides what a proof is compared with', async (scene) => {
      const { path } = scene;
      const { token, prove, send } = await createBoundClient(scene);
      const headers = {
        Host: 'evil.example',
        Forwarded: 'host=evil.example;proto=http',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Port': '81',
        'X-Forwarded-Prefix': '/evil',
        'X-Original-URL': '/evil',
        'X-Rewrite-URL': '/evil',
      };
      expectServed(scene, await send({ headers }), { token, parsedBody: LIST_TOOLS });
      const sentence = `The DPoP proof needs "htu": "${RESOURCE_ORIGIN}${path}".`;
      for (const origin of ['http://evil.example', 'http://evil.example:81', 'https://evil.example/evil']) {
        expectRefusal(
          scene,
          await send({ headers }, prove({ url: `${origin}${path}` })),
          refusedProof(sentence),
        );
      }
    }),
    define(
      'a token with a binding that is not understood is refused, whatever comes with it',
      async (scene) => {
        const { prove } = await createBoundClient(scene);
        const answer = await scene.send({
          token: scene.authority.mint({ cnf: {} }),
          headers: { DPoP: prove() },
        });
        expectRefusal(
          scene,
          answer,
          refusedToken('The request needs a token whose "cnf" is "jkt" or "x5t#S256".'),
        );
      },
    ),
    define(
      'a proof without the nonce is refused, and learns it',
      async (scene) => {
        const { token, prove, send } = await createBoundClient(scene);
        const refused = await send();
        expectRefusal(scene, refused, NONCE_NEEDED);
        expectRefusal(scene, await send({}, prove({ nonce: 'invented' })), NONCE_NEEDED);
        const nonce = refused.headers['dpop-nonce'] ?? '';
        expectServed(scene, await send({}, prove({ nonce })), { token, parsedBody: LIST_TOOLS });
      },
      { dpop: { nonce: { lifetimeSeconds: 600 } } },
    ),
    define(
      'an answer hands out the next nonce, and is then not to be kept',
      async (scene) => {
        const { token, prove, send } = await createBoundClient(scene);
        // A nonce is good for the second after the one it was handed out in; a slow machine may miss that.
        for (let attempts = 0; attempts < 20; attempts++) {
          const second = currentSecond();
          const nonce = (await send()).headers['dpop-nonce'] ?? '';
          if (currentSecond() !== second) continue;
          while (currentSecond() === second) await sleep(1000 - (Date.now() % 1000));
          const answer = await send({}, prove({ nonce }));
          if (answer.status === 401) continue;
          expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
          const { 'dpop-nonce': next = nonce, 'cache-control': caching } = answer.headers;
          expectSame({ isNext: next !== nonce, caching }, { isNext: true, caching: 'no-store' }, 'the nonce');
          return;
        }
        throw new Error('The server and this process are too slow for a nonce of one second.');
      },
      NONCES,
    ),
  ];
}

function currentSecond(): number {
  return Math.floor(Date.now() / 1000);
}
