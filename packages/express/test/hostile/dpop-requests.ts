import type { RefusalReason } from '@mcp-m2m/express';
import {
  createDpopProof,
  generateDpopKey,
  parseChallenges,
  type DpopProofOptions,
  type SigningAlgorithm,
  type SigningKey,
  type TestAuthority,
  type TokenClaims,
} from '@mcp-m2m/testing';
import { expect } from 'vitest';
import { METADATA_URL, RESOURCE, send, type ProtectedApp } from '../protected-app.ts';

export const PROOF_ALGORITHMS = 'ES256 ES384 EdDSA Ed25519 PS256 RS256';

/** A client with a key, and an access token that is bound to it. */
export interface DpopClient {
  readonly key: SigningKey;
  readonly token: string;
  /** A good proof for a POST to the protected app, but for what the options say. */
  readonly prove: (options?: Partial<DpopProofOptions>) => string;
}

export async function createDpopClient(
  authority: TestAuthority,
  claims: TokenClaims = {},
  algorithm: SigningAlgorithm = 'ES256',
): Promise<DpopClient> {
  const key = await generateDpopKey(algorithm);
  const bound = { cnf: { jkt: key.thumbprint }, ...claims };
  const token = authority.mint(bound, { expiresInSeconds: 3000 });
  const usual = { key, method: 'POST', url: RESOURCE, accessToken: token, now: authority.now };
  return { key, token, prove: (options = {}) => createDpopProof({ ...usual, ...options }) };
}

/** Sends a request with a token and a proof, or without the proof. */
export function sendProof(
  app: ProtectedApp,
  { token }: Pick<DpopClient, 'token'>,
  proof: string | undefined,
  init: RequestInit = {},
): Promise<Response> {
  const headers = {
    ...(init.headers as Record<string, string>),
    ...(proof === undefined ? {} : { dpop: proof }),
  };
  return send(app, `DPoP ${token}`, undefined, { ...init, headers });
}

/** What {@link expectProofRefusal} expects. */
export interface ExpectedProofRefusal {
  readonly reason: RefusalReason;
  /** Default `invalid_dpop_proof`. */
  readonly error?: string;
  /** Whether the answer has to bring a nonce. Default false. */
  readonly nonce?: boolean;
}

/** Asserts the refusal of a proof in full: status, the one challenge, nonce, body, decision, handler untouched. */
export async function expectProofRefusal(
  app: ProtectedApp,
  response: Response,
  { reason, error = 'invalid_dpop_proof', nonce = false }: ExpectedProofRefusal,
): Promise<void> {
  const received = { status: response.status, reason: app.decisions.at(-1)?.reason };
  expect(received).toEqual({ status: 401, reason });
  const body = await response.json();
  expect(body).toEqual({ error, error_description: expect.any(String) });
  const parameters = {
    error,
    error_description: expect.any(String),
    scope: 'deploy:read',
    resource_metadata: METADATA_URL,
    algs: PROOF_ALGORITHMS,
  };
  expect(parseChallenges(response.headers.get('www-authenticate'))).toEqual([{ scheme: 'DPoP', parameters }]);
  if (nonce) expect(response.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/);
  else expect(response.headers.get('dpop-nonce')).toBeNull();
  expect(response.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(app.decisions.at(-1)).toMatchObject({ outcome: 'refused', status: 401, operations: [] });
  expect(app.callers).toEqual([]);
}
