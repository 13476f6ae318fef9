import type { ContractCase } from '../contract-case.ts';
import { type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed, MACHINE } from '../expected-caller.ts';
import { KEYS_UNAVAILABLE, NO_CREDENTIALS, refusedToken } from '../expected-refusals.ts';

/** Cases about an authorization server that cannot be reached. */
export function defineOutageCases(define: DefineCase): readonly ContractCase[] {
  return [
    define(
      'a token that cannot be verified is neither refused nor accepted: 503 with Retry-After',
      async (scene) => {
        const token = scene.authority.mint();
        scene.authority.goDown();
        expectRefusal(scene, await scene.send({ token }), KEYS_UNAVAILABLE);
        expectRefusal(scene, await scene.send({ token, method: 'GET' }), KEYS_UNAVAILABLE);
        expectRefusal(scene, await scene.send(), NO_CREDENTIALS);
      },
    ),
    define(
      'an authorization server that hangs makes nobody wait for long',
      async (scene) => {
        const token = scene.authority.mint();
        scene.authority.hang();
        expectRefusal(scene, await scene.send({ token }), KEYS_UNAVAILABLE);
      },
      { timeoutMilliseconds: 200 },
    ),
    define('keys that are known serve while the authorization server is down', async (scene) => {
      const { authority } = scene;
      const first = authority.mint();
      expectServed(scene, await scene.send({ token: first }), { token: first, parsedBody: LIST_TOOLS });
      authority.goDown();
      for (const token of [first, authority.mint()]) {
        expectServed(scene, await scene.send({ token }), { token, parsedBody: LIST_TOOLS, caller: MACHINE });
      }
    }),
    define('a token of an unknown issuer causes no request to anybody', async (scene) => {
      const { authority } = scene;
      const token = authority.mint({ iss: `${authority.issuer}/unknown` });
      const sentence =
        'The access token was issued by an authorization server that this resource does not accept.';
      expectRefusal(scene, await scene.send({ token }), refusedToken(sentence));
      expectSame(authority.requests.length, 0, 'the number of requests to the authorization server');
    }),
  ];
}
