import { digestToken } from './contract-handler.ts';
import type { ReceivedAnswer } from './contract-client.ts';
import { RESOURCE_ORIGIN, type ContractScene } from './contract-scene.ts';
import { expectSame } from './expect-same.ts';

/** What the handler must have been told. */
export interface ExpectedService {
  readonly token: string;
  /** Default `POST`. */
  readonly method?: string;
  /** Default none. */
  readonly parsedBody?: unknown;
  /** The caller as JSON, to the byte: one of the texts below. Default: not looked at beyond its token. */
  readonly caller?: string;
}

/** A machine with the base scope, as JSON. */
export const MACHINE = callerAs(
  '"kind":"machine","evidence":"\\"sub\\" equals \\"client_id\\"","subjectKind":"machine","actors":[]',
  '"sub":"test-client"',
  '',
);

/** A person by way of the same client. */
export const USER = callerAs(
  '"kind":"user","evidence":"\\"sub\\" differs from \\"client_id\\"","subjectKind":"user","actors":[]',
  '"sub":"ada"',
  '',
);

/** An agent that acts for the person. */
export const DELEGATED = callerAs(
  '"kind":"delegated","evidence":"the claim \\"act\\" is present","subjectKind":"user","actors":[{"sub":"agent-ü"}]',
  '"sub":"ada"',
  ',"act":{"sub":"agent-ü"}',
);

function callerAs(kind: string, subject: string, moreClaims: string): string {
  return (
    `{${kind},"clientId":"test-client",${subject.replace('sub', 'subject')},"scopes":["deploy:read"],"roles":[],` +
    '"issuer":"<issuer>","expiresAt":<exp>,"resourceMetadataUrl":"<metadata>",' +
    `"claims":{"iss":"<issuer>","aud":"<resource>",${subject},"client_id":"test-client","scope":"deploy:read",` +
    `"iat":<iat>,"exp":<exp>,"jti":"<jti>"${moreClaims}},"resource":"<resource>"}`
  );
}

/** Asserts that a request was served, with this caller and this body. */
export function expectServed(
  { path, authority }: Pick<ContractScene, 'path' | 'authority'>,
  answer: ReceivedAnswer,
  { token, method = 'POST', parsedBody = null, caller }: ExpectedService,
): void {
  const { status, headers, body } = answer;
  // To a page of another origin this is the application's own to open.
  const foreign = ['www-authenticate', 'access-control-allow-origin'].filter((name) => name in headers);
  expectSame({ status, foreign }, { status: 200, foreign: [] }, `the answer, which is ${body},`);
  const told = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const { caller: _caller, ...others } = told;
  expectSame(others, { method, tokenDigest: digestToken(token), parsedBody }, 'what the handler was told');
  expectSame(body.includes(token), false, 'that the answer holds the token');
  if (caller === undefined) return;
  const { iat, exp, jti } = readPayload(token);
  const filled = caller
    .replaceAll('<metadata>', `${RESOURCE_ORIGIN}/.well-known/oauth-protected-resource${path}`)
    .replaceAll('<resource>', `${RESOURCE_ORIGIN}${path}`)
    .replaceAll('<issuer>', authority.issuer)
    .replaceAll('<iat>', String(iat))
    .replaceAll('<exp>', String(exp))
    .replaceAll('<jti>', String(jti));
  expectSame(JSON.stringify(told.caller), filled, 'the caller');
}

function readPayload(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}
