import { randomUUID, sign } from 'node:crypto';
import type { RegisteredClient } from './registered-clients.ts';
import { ISSUER } from './token-server.ts';

/** A request to a token endpoint, or to one of those beside it. */
export interface FormRequest {
  readonly authorization?: string;
  readonly body: string;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_SECONDS = 240;

/** The header with a client's secret. */
export function basicAuthorization({ clientId, secret = '' }: RegisteredClient): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
}

/** Makes a token request; one with an assertion is good once, for four minutes. */
export function makeTokenRequest(client: RegisteredClient): FormRequest {
  if (client.privateKey === undefined) {
    return { authorization: basicAuthorization(client), body: 'grant_type=client_credentials' };
  }
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: makeAssertion(client),
  });
  return { body: form.toString() };
}

function makeAssertion({ clientId, privateKey }: RegisteredClient): string {
  if (privateKey === undefined) throw new Error(`${clientId} has no key`);
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: ISSUER,
    jti: randomUUID(),
    iat,
    exp: iat + ASSERTION_SECONDS,
  };
  const signed = `${encode({ alg: 'ES256', kid: 'client', typ: 'JWT' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
