import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { startLoopbackServer, type LoopbackServer, type ReceivedRequest } from '../../loopback-server.ts';
import { createScene, type Scene } from '../scene.ts';

/** Somebody who signs assertions, with keys that a verifier can have. */
export interface Signer {
  sign(claims: JWTPayload, header?: { typ?: string }): Promise<string>;
  verify(assertion: string, audience: string): Promise<JWTPayload>;
}

/** Creates a signer with a key of its own. */
export async function createSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
  return {
    sign: (claims, { typ = 'JWT' } = {}) =>
      new SignJWT({ iat: seconds(), exp: seconds() + 300, ...claims })
        .setProtectedHeader({ alg: 'ES256', typ })
        .sign(privateKey),
    verify: async (assertion, audience) => (await jwtVerify(assertion, keys, { audience })).payload,
  };
}

const seconds = (): number => Math.floor(Date.now() / 1000);

/** A scene whose token endpoint takes one grant, as `judge` does; what that throws is `invalid_grant`. */
export async function createGrantScene(
  grantType: string,
  judge: (form: URLSearchParams) => Promise<Record<string, unknown>>,
): Promise<Scene> {
  const scene = await createScene();
  scene.authority.setMetadata({
    grant_types_supported: [grantType],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
  });
  scene.authority.endpoints.token.answerWith(async ({ body }) => {
    const form = new URLSearchParams(body);
    try {
      if (form.get('grant_type') !== grantType) throw new Error('another grant');
      const answer = await judge(form);
      const access_token = scene.authority.mint({ aud: form.get('resource') ?? '' });
      return { json: { access_token, token_type: 'Bearer', expires_in: 300, ...answer } };
    } catch (error) {
      return { status: 400, json: { error: 'invalid_grant', error_description: String(error) } };
    }
  });
  return scene;
}

/** An identity provider with metadata and a token endpoint that answers as told. */
export async function startIdentityProvider(
  answer: (form: URLSearchParams, request: ReceivedRequest) => Promise<{ status?: number; json: unknown }>,
): Promise<LoopbackServer & { readonly tokenRequests: () => ReceivedRequest[] }> {
  const server = await startLoopbackServer(async (request) => {
    if (request.url === '/.well-known/openid-configuration') {
      return {
        json: {
          issuer: server.origin,
          token_endpoint: `${server.origin}/token`,
          grant_types_supported: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        },
      };
    }
    return request.url === '/token' ? answer(new URLSearchParams(request.body), request) : { status: 404 };
  });
  return { ...server, tokenRequests: () => server.requests.filter(({ url }) => url === '/token') };
}
