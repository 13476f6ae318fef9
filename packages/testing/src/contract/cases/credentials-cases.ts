import type { ContractCase } from '../contract-case.ts';
import { type ContractScene, type DefineCase, LIST_TOOLS, type SceneRequest } from '../contract-scene.ts';
import { type ExpectedRefusal, expectRefusal } from '../expected-answer.ts';
import { expectServed, MACHINE } from '../expected-caller.ts';
import { MALFORMED_CREDENTIALS, NO_CREDENTIALS, REPEATED_CREDENTIALS } from '../expected-refusals.ts';

/** Cases about where a token may be, and how often. */
export function defineCredentialsCases(define: DefineCase): readonly ContractCase[] {
  const refuse = (
    name: string,
    request: (token: string, scene: ContractScene) => SceneRequest,
    expected: ExpectedRefusal,
  ): ContractCase =>
    define(name, async (scene) => {
      const sent = request(scene.authority.mint(), scene);
      expectRefusal(scene, await scene.send(sent), expected);
    });
  const authorization = (...values: readonly string[]): SceneRequest => ({
    headers: { Authorization: values },
  });

  return [
    refuse('a request without credentials is challenged', () => ({}), NO_CREDENTIALS),
    refuse('an empty Authorization header is no credentials', () => authorization(''), NO_CREDENTIALS),
    refuse(
      'credentials of another scheme are no credentials',
      () => authorization('Basic dTpw'),
      NO_CREDENTIALS,
    ),
    refuse(
      'a token in the query is not looked at',
      (token, { path }) => ({ path: `${path}?access_token=${token}` }),
      NO_CREDENTIALS,
    ),
    refuse(
      'a token in a cookie or in a header of another name is not looked at',
      (token) => ({
        headers: {
          Cookie: `Authorization=${token}; access_token=${token}`,
          'Proxy-Authorization': `Bearer ${token}`,
        },
      }),
      NO_CREDENTIALS,
    ),
    refuse('a scheme without a token is malformed', () => authorization('Bearer'), MALFORMED_CREDENTIALS),
    refuse(
      'a token with a comma behind it is malformed',
      (token) => authorization(`Bearer ${token},`),
      MALFORMED_CREDENTIALS,
    ),
    refuse(
      'a list of credentials is refused',
      (token) => authorization(`Bearer ${token}, Bearer ${token}`),
      REPEATED_CREDENTIALS,
    ),
    refuse(
      'two Authorization headers are refused, whichever comes first',
      (token) => authorization(`Bearer ${token}`, 'Bearer other'),
      REPEATED_CREDENTIALS,
    ),
    refuse(
      'two equal Authorization headers are refused',
      (token) => authorization(`Bearer ${token}`, `Bearer ${token}`),
      REPEATED_CREDENTIALS,
    ),
    refuse(
      'two Authorization headers of different schemes are refused',
      (token) => authorization(`Bearer ${token}`, `DPoP ${token}`),
      REPEATED_CREDENTIALS,
    ),
    refuse(
      'a token behind credentials of another scheme is refused with them',
      (token) => authorization('Basic dTpw', `Bearer ${token}`),
      REPEATED_CREDENTIALS,
    ),
    define('a token is accepted, and the handler is told who calls', async (scene) => {
      const token = scene.authority.mint();
      const parsedBody = LIST_TOOLS;
      expectServed(scene, await scene.send({ token }), { token, parsedBody, caller: MACHINE });
      // Known by now.
      expectServed(scene, await scene.send({ token }), { token, parsedBody, caller: MACHINE });
    }),
    define('the scheme may be written in any case, with spaces behind it', async (scene) => {
      const token = scene.authority.mint();
      for (const scheme of ['bearer', 'BEARER', 'Bearer  ']) {
        const answer = await scene.send(authorization(`${scheme} ${token}`));
        expectServed(scene, answer, { token, parsedBody: LIST_TOOLS, caller: MACHINE });
      }
    }),
  ];
}
