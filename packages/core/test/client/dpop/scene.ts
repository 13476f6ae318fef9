import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { decodeJwt } from 'jose';
import { onTestFinished } from 'vitest';
import { createDpop, type DpopProver } from '../../../src/client/dpop/dpop-prover.ts';
import { dpopFetch, type DpopFetch, type DpopFetchOptions } from '../../../src/client/dpop/dpop-fetch.ts';
import { createResourceServer, type Decision, type DpopOptions } from '../../../src/server/index.ts';
import { protectRequest, writeAnswer } from '../../../src/node/index.ts';
import type { ReceivedRequest } from '../../loopback-server.ts';
import { listen } from '../../node/scene.ts';

/** An authorization server, and this package's own resource server in front of nothing. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly resource: string;
  readonly prover: DpopProver;
  /** What the resource server decided, oldest first. */
  readonly decisions: Decision[];
  /** Everything that was sent, in the order it went out. */
  readonly sent: Request[];
  wrap(options?: DpopFetchOptions): DpopFetch;
}

/** Sets the scene, on the authority's clock. */
export async function createScene(dpop: DpopOptions = {}): Promise<Scene> {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  authority.registerClient({ clientId: 'nightly', secret: 'a test secret' });
  const port = await listen((request, response) => {
    void (async () => {
      const result = await protectRequest(server, request, response);
      if (!result.ok) return writeAnswer(response, result.answer);
      response.writeHead(200, result.headers).end();
    })();
  });
  const resource = `http://127.0.0.1:${port}/mcp`;
  const decisions: Decision[] = [];
  const server = createResourceServer({
    resource,
    authorizationServers: [authority.issuer],
    dpop,
    now: authority.now,
    onDecision: (decision) => decisions.push(decision),
  });
  const prover = createDpop({ now: authority.now });
  const sent: Request[] = [];
  const recordingFetch: DpopFetch = (input, init) => {
    sent.push(new Request(input instanceof Request ? input.clone() : input, { ...init, body: null }));
    return fetch(input, init);
  };
  return {
    authority,
    resource,
    prover,
    decisions,
    sent,
    wrap: (options) => dpopFetch(prover, { fetch: recordingFetch, ...options }),
  };
}

/** The form of a token request. */
export function tokenForm({ resource }: Scene): URLSearchParams {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'nightly',
    client_secret: 'a test secret',
    resource,
  });
}

/** A token, by a flow that knows nothing of DPoP. */
export async function obtainToken(scene: Scene, wrapped: DpopFetch): Promise<string> {
  const response = await wrapped(scene.authority.tokenEndpoint, { method: 'POST', body: tokenForm(scene) });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: status ${response.status}.`);
  return token;
}

/** A call to the protected server, by a flow that knows nothing of DPoP. */
export function call(
  scene: Scene,
  wrapped: DpopFetch,
  token: string,
  init: RequestInit = {},
): Promise<Response> {
  return wrapped(scene.resource, {
    method: 'POST',
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
}

/** The claims of a request's proof. */
export const proofOf = ({ headers }: ReceivedRequest | { headers: Headers }) =>
  decodeJwt(String(headers instanceof Headers ? headers.get('dpop') : headers.dpop));
/** Answers. */
export const tokenAnswer = (tokenType: unknown) => ({
  json: { access_token: 'an-access-token', token_type: tokenType, expires_in: 60 },
});
export const nonceError = (nonce: string) => ({
  status: 400,
  headers: { 'dpop-nonce': nonce },
  json: { error: 'use_dpop_nonce' },
});
export const nonceChallenge = (nonce: string) => ({
  status: 401,
  headers: { 'dpop-nonce': nonce, 'www-authenticate': 'Bearer, DPoP error="use_dpop_nonce"' },
});

/** Headers of a form. */
export const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
