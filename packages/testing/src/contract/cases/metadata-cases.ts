import type { ContractCase } from '../contract-case.ts';
import type { ReceivedAnswer } from '../contract-client.ts';
import { type ContractScene, type DefineCase, RESOURCE_ORIGIN } from '../contract-scene.ts';
import { expectSame } from '../expect-same.ts';

const READABLE = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After',
};

const DOCUMENT_HEADERS = {
  ...READABLE,
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'www-authenticate': undefined,
};

function expectAnswer(
  answer: ReceivedAnswer,
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
): void {
  const received = Object.fromEntries(Object.keys(headers).map((name) => [name, answer.headers[name]]));
  expectSame({ ...answer, headers: received }, { status, headers, body }, 'the answer');
}

const locate = ({ path }: ContractScene): string => `/.well-known/oauth-protected-resource${path}`;

const documentOf = ({ path, authority }: ContractScene): string =>
  `{"resource":"${RESOURCE_ORIGIN}${path}","authorization_servers":["${authority.issuer}"],` +
  '"scopes_supported":["deploy:approve","deploy:read","deploy:write"],"bearer_methods_supported":["header"],' +
  '"dpop_signing_alg_values_supported":["ES256","ES384","EdDSA","Ed25519","PS256","RS256"],' +
  '"dpop_bound_access_tokens_required":false}';

/** Cases about the protected resource metadata (RFC 9728). */
export function defineMetadataCases(define: DefineCase): readonly ContractCase[] {
  return [
    define(
      'the metadata is at the well-known path with the path of the resource behind it',
      async (scene) => {
        const answer = await scene.send({ method: 'GET', path: locate(scene) });
        expectAnswer(answer, 200, DOCUMENT_HEADERS, documentOf(scene));
      },
    ),
    define(
      'the metadata is for everyone: credentials, queries and other headers do not change it',
      async (scene) => {
        const path = `${locate(scene)}?cache-buster=1`;
        const headers = {
          Authorization: 'Bearer nonsense',
          'X-Forwarded-Host': 'evil.example',
          Host: 'evil.example',
        };
        const answer = await scene.send({ method: 'GET', path, headers });
        expectAnswer(answer, 200, DOCUMENT_HEADERS, documentOf(scene));
      },
    ),
    define('the metadata answers HEAD without a body', async (scene) => {
      const answer = await scene.send({ method: 'HEAD', path: locate(scene) });
      expectAnswer(answer, 200, DOCUMENT_HEADERS, '');
    }),
    define('the metadata answers a preflight', async (scene) => {
      const headers = { Origin: 'https://page.example', 'Access-Control-Request-Method': 'GET' };
      const answer = await scene.send({ method: 'OPTIONS', path: locate(scene), headers });
      const allowed = {
        ...READABLE,
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-max-age': '600',
      };
      expectAnswer(answer, 204, allowed, '');
    }),
    define('the metadata is read only', async (scene) => {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const answer = await scene.send({ method, path: locate(scene) });
        expectAnswer(answer, 405, { ...READABLE, allow: 'GET, HEAD' }, '');
      }
    }),
    define('the metadata is at no other path', async (scene) => {
      const path = locate(scene);
      const others = [
        '/.well-known/oauth-protected-resource',
        '/.well-known/oauth-protected-resource/',
        `${path}/`,
        `${path}x`,
        `${path}/x`,
        `/x${path}`,
        `${path.replace('oauth', 'OAuth')}x`,
        `${scene.path}/.well-known/oauth-protected-resource`,
      ];
      for (const other of others) {
        const { status, body } = await scene.send({ method: 'GET', path: other });
        const isDocument = body.includes('authorization_servers');
        // Beneath the protected path a framework may ask for a token.
        const isRefused = [401, 404].includes(status);
        expectSame(
          { other, isDocument, isRefused },
          { other, isDocument: false, isRefused: true },
          'the answer',
        );
      }
    }),
    define('no spelling of the well-known path brings the server down', async (scene) => {
      const path = locate(scene);
      for (const spelling of [
        `/${path}`,
        `//evil.example${path}`,
        `${path}%`,
        `${path}%ff`,
        `http://evil.example${path}`,
        `/\\x${path}`,
      ]) {
        const { status, body } = await scene.send({ method: 'GET', path: spelling });
        if (status === 200) expectSame(body, documentOf(scene), `the document at ${spelling}`);
        else expectSame([301, 308, 400, 404].includes(status) || status, true, `the status at ${spelling}`);
      }
    }),
  ];
}
