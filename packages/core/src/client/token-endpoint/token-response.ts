import { isJsonType, readContentType } from '../../bounded-document.ts';
import { withoutSecrets } from '../../document-error.ts';
import { kindOf } from '../../printable-text.ts';
import { parseScope } from '../../scope.ts';
import { createAccessToken, type AccessToken, type TokenType } from '../access-token.ts';
import type { Concealment } from './concealed-text.ts';
import { readJsonAnswer } from './json-answer.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';
import { readRefusal, type RefusedRequest } from './token-refusal.ts';
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
  /** How the token is to be presented: a request with a proof is answered with a token bound to its key. */
  readonly tokenType: TokenType;
  /** What `issued_token_type` must be; where the grant has none, the member is not read. */
  readonly issuedTokenTypes?: readonly string[] | undefined;
  /** Tokens that were handed in and must not come back as the new one. */
  readonly presentedTokens?: readonly string[] | undefined;
  /** When the request was sent, in milliseconds since the epoch: a lifetime is counted from there. */
  readonly requestedAt: number;
  /** What a refusal is explained by. */
  readonly explanation?:
    | Pick<RefusedRequest, 'receivedAt' | 'method' | 'assertionGrant' | 'presentedMore' | 'profile'>
    | undefined;
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
 * Judges the answer of a token endpoint.
 *
 * The token is opaque here: nothing in it is read or verified. A refresh token is ignored: where there is nobody
 * to spare a sign-in, asking anew does as well.
 *
 * @throws TokenAcquisitionError for everything but a token of the type expected with a sensible lifetime
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 | RFC 6749 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc6749#section-7.1 | RFC 6749 §7.1}
 */
export function readTokenResponse(
  answer: TokenEndpointAnswer,
  expectation: TokenResponseExpectation,
): TokenResponse {
  const { resource, issuer, concealment, requestedAt } = expectation;
  const server = withoutSecrets(expectation.tokenEndpoint);
  const fail = (code: TokenAcquisitionErrorCode, expected: string, received: string, hint?: string) =>
    new TokenAcquisitionError(code, { step: 'token_response', resource, server, expected, received, hint });
  const isJson = isJsonType(readContentType(answer.headers));
  const document = isJson ? readJsonAnswer(answer.body) : undefined;
  for (const member of TOKENS) {
    const value = document?.[member];
    if (typeof value === 'string') concealment.add(value);
  }
  if (answer.status !== 200 || (document?.error ?? undefined) !== undefined) {
    throw new TokenAcquisitionError(
      ...readRefusal(
        answer,
        document,
        { resource, server, requestedAt, issuer, ...expectation.explanation },
        concealment,
      ),
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
  const { tokenType, issuedTokenTypes, presentedTokens = [] } = expectation;
  if (typeof type !== 'string') throw invalid(`"token_type": "${tokenType}"`, kindOf(type));
  if (type.toLowerCase() !== tokenType.toLowerCase()) {
    throw fail(
      'token_type_not_supported',
      `"token_type": "${tokenType}"`,
      `"${concealment.show(type, 60)}"`,
      adviseOnType(tokenType, type),
    );
  }
  const issuedType = document.issued_token_type;
  if (issuedTokenTypes !== undefined && !issuedTokenTypes.some((accepted) => accepted === issuedType)) {
    throw invalid(
      `"issued_token_type": ${issuedTokenTypes.join(' or ')}`,
      typeof issuedType === 'string' ? concealment.show(issuedType, 200) : kindOf(issuedType),
    );
  }
  // What is not printable ASCII without spaces cannot stand in a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw invalid(
      '"access_token": printable ASCII without spaces',
      typeof token === 'string' && token !== '' ? 'other characters' : kindOf(token),
    );
  }
  if (presentedTokens.includes(token)) {
    throw invalid('"access_token": a new token', 'the one that was handed in');
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
      tokenType,
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

function adviseOnType(expected: TokenType, received: string): string | undefined {
  if (expected === 'DPoP') {
    return 'Enable DPoP for this client at the authorization server: it ignored the proof, and whoever finds such a token can use it.';
  }
  return received.toLowerCase() === 'dpop'
    ? 'Give the token source dpop: createDpop(), or have the authorization server issue Bearer tokens to this client.'
    : undefined;
}

function readLifetime(value: unknown): number | 'invalid' {
  // Some identity providers send the number as a string.
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER / 1000))
    return 'invalid';
  return Math.floor(seconds);
}
