import { isJsonType, readContentType } from '../../bounded-document.ts';
import { withoutSecrets } from '../../document-error.ts';
import { parseJsonObject } from '../../json-document.ts';
import { kindOf } from '../../printable-text.ts';
import { parseScope } from '../../scope.ts';
import { createAccessToken, type AccessToken } from '../access-token.ts';
import type { Concealment } from './concealed-text.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';
import { readRefusal } from './token-refusal.ts';
import type { TokenEndpointAnswer } from './token-request.ts';

/** Members that are never quoted, nor any echo of them. */
const TOKENS = ['access_token', 'refresh_token', 'id_token'];

/** What was asked, to judge the answer by. */
export interface TokenResponseExpectation {
  readonly resource: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** The scopes requested; none means that the parameter was left out. */
  readonly scopes: readonly string[];
  /** When the request was sent, in milliseconds since the epoch: a lifetime is counted from there. */
  readonly requestedAt: number;
  readonly concealment: Concealment;
}

/** A judged answer. */
export interface TokenResponse {
  readonly token: AccessToken;
  /** `expires_in`; `undefined` where the server did not say. */
  readonly lifetimeSeconds: number | undefined;
  /** Scopes granted that were not requested. */
  readonly unrequestedScopes: readonly string[];
}

/**
 * Judges the answer of a token endpoint to a client-credentials request.
 *
 * The token is opaque here: nothing in it is read or verified. A refresh token is ignored, as this grant
 * has none.
 *
 * @throws TokenAcquisitionError for everything but a Bearer token with a sensible lifetime
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 | RFC 6749 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc6749#section-7.1 | RFC 6749 §7.1}
 */
export function readTokenResponse(
  answer: TokenEndpointAnswer,
  expectation: TokenResponseExpectation,
): TokenResponse {
  const { resource, issuer, concealment, requestedAt } = expectation;
  const server = withoutSecrets(expectation.tokenEndpoint);
  const fail = (code: TokenAcquisitionErrorCode, expected: string, received: string): TokenAcquisitionError =>
    new TokenAcquisitionError(code, { step: 'token_response', resource, server, expected, received });
  const isJson = isJsonType(readContentType(answer.headers));
  const document = isJson ? readJsonObject(server, answer.body) : undefined;
  for (const member of TOKENS) {
    const value = document?.[member];
    if (typeof value === 'string') concealment.add(value);
  }
  if (answer.status !== 200 || (document?.error ?? undefined) !== undefined) {
    throw new TokenAcquisitionError(
      ...readRefusal(answer, document, { resource, server, requestedAt }, concealment),
    );
  }
  const invalid = (expected: string, received: string) => fail('token_response_invalid', expected, received);
  if (!isJson) {
    const contentType = answer.headers.get('content-type') ?? '';
    throw invalid('application/json', contentType === '' ? 'no content type' : concealment.show(contentType));
  }
  if (document === undefined) throw invalid('a JSON object in UTF-8', 'something else');
  const { access_token: token, token_type: type } = document;
  // Serialisers write null for what is absent.
  const expiresIn = document.expires_in ?? undefined;
  const scope = document.scope ?? undefined;
  if (typeof type !== 'string') throw invalid('"token_type": "Bearer"', kindOf(type));
  if (type.toLowerCase() !== 'bearer') {
    throw fail('token_type_not_supported', '"token_type": "Bearer"', `"${concealment.show(type, 60)}"`);
  }
  // What is not printable ASCII without spaces cannot stand in a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw invalid(
      '"access_token": printable ASCII without spaces',
      typeof token === 'string' && token !== '' ? 'other characters' : kindOf(token),
    );
  }
  const lifetimeSeconds = expiresIn === undefined ? undefined : readLifetime(expiresIn);
  if (lifetimeSeconds === 'invalid') {
    const shown = typeof expiresIn === 'number' ? String(expiresIn) : kindOf(expiresIn);
    throw invalid('"expires_in": a number of seconds, not negative', shown);
  }
  const granted = scope === undefined ? expectation.scopes : parseScope(scope);
  if (granted === undefined)
    throw invalid('"scope": a list of scopes by the grammar of RFC 6749', kindOf(scope));
  return {
    token: createAccessToken(token, {
      tokenType: 'Bearer',
      expiresAt: lifetimeSeconds === undefined ? undefined : Math.floor(requestedAt / 1000) + lifetimeSeconds,
      scopes: granted,
      issuer,
      resource,
    }),
    lifetimeSeconds,
    unrequestedScopes:
      expectation.scopes.length === 0 ? [] : granted.filter((entry) => !expectation.scopes.includes(entry)),
  };
}

function readLifetime(value: unknown): number | 'invalid' {
  // Some identity providers send the number as a string.
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER / 1000))
    return 'invalid';
  return Math.floor(seconds);
}

function readJsonObject(server: string, body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseJsonObject(server, body);
  } catch {
    // Its error may quote the text, which may hold a token.
    return undefined;
  }
}
