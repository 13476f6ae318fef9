import type { ContractCase } from '../contract-case.ts';
import type { DefineCase } from '../contract-scene.ts';
import { expectNothingServed } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed, MACHINE } from '../expected-caller.ts';
import { NO_CREDENTIALS, refusedToken } from '../expected-refusals.ts';

const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers':
    'Authorization, DPoP, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, *',
  'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After',
  'access-control-max-age': '600',
  'www-authenticate': undefined,
};

/** Cases about HTTP methods. */
export function defineMethodCases(define: DefineCase): readonly ContractCase[] {
  return [
    ...['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'].map((method) =>
      define(`${method} needs a token like POST`, async (scene) => {
        expectRefusal(scene, await scene.send({ method }), NO_CREDENTIALS);
        await expectNothingServed(scene);
      }),
    ),
    define('HEAD needs a token, and is refused without a body', async (scene) => {
      const answer = await scene.send({ method: 'HEAD' });
      expectSame(answer.body, '', 'the body');
      const get = await scene.send({ method: 'GET' });
      expectRefusal(scene, { ...answer, body: get.body }, NO_CREDENTIALS);
      await expectNothingServed(scene);
    }),
    define('a header that names another method changes nothing', async (scene) => {
      for (const method of ['POST', 'GET']) {
        const headers = {
          'X-HTTP-Method-Override': 'OPTIONS',
          'X-HTTP-Method': 'OPTIONS',
          'X-Method-Override': 'OPTIONS',
          'Access-Control-Request-Method': 'POST',
        };
        expectRefusal(scene, await scene.send({ method, headers }), NO_CREDENTIALS);
      }
    }),
    ...['GET', 'DELETE'].map((method) =>
      define(`${method} with a token is served, with its caller and no body`, async (scene) => {
        const token = scene.authority.mint();
        expectServed(scene, await scene.send({ token, method }), { token, method, caller: MACHINE });
      }),
    ),
    define('HEAD with a token is served', async (scene) => {
      const answer = await scene.send({ token: scene.authority.mint(), method: 'HEAD' });
      expectSame([answer.status, answer.body], [200, ''], 'the answer');
      const forged = await scene.send({ token: 'nonsense', method: 'HEAD' });
      const { challenge } = refusedToken('The access token is not a well-formed signed JWT.');
      expectSame(forged.status, 401, 'the status');
      expectSame(
        forged.headers['www-authenticate']?.split(', scope=')[0],
        challenge?.split(', scope=')[0],
        'the challenge',
      );
    }),
    define('a preflight is answered without credentials, and reaches no handler', async (scene) => {
      for (const asked of ['POST', 'GET', 'DELETE']) {
        const headers = {
          Origin: 'https://page.example',
          'Access-Control-Request-Method': asked,
          'Access-Control-Request-Headers': 'authorization,content-type,mcp-protocol-version',
        };
        const answer = await scene.send({ method: 'OPTIONS', headers });
        const received = Object.keys(PREFLIGHT_HEADERS).map((name) => [name, answer.headers[name]]);
        expectSame(
          { status: answer.status, body: answer.body, headers: Object.fromEntries(received) as object },
          { status: 204, body: '', headers: PREFLIGHT_HEADERS },
          'the preflight',
        );
      }
      await expectNothingServed(scene);
    }),
  ];
}
