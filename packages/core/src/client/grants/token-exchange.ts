import { assertKnownOptions } from '../../known-options.ts';
import type { AssertionSource } from './assertion-source.ts';
import { withSubject, type AuthorizationGrant } from './authorization-grant.ts';
import { readAssertion, toAssertionSource, type AssertionFunction } from './read-assertion.ts';
import {
  assertTokenType,
  TOKEN_EXCHANGE_GRANT,
  TOKEN_TYPES,
  type TokenTypeIdentifier,
} from './token-types.ts';

/** Options of {@link tokenExchange}. */
export interface TokenExchangeOptions {
  /** The token of the party on whose behalf the request is made: the caller's own, or where it comes from. */
  readonly subjectToken: string | AssertionSource | AssertionFunction;
  /** What kind of token that is. Default: an access token. */
  readonly subjectTokenType?: TokenTypeIdentifier | undefined;
  /**
   * Names the party, so that its tokens are never given to another: the caller's issuer and subject, say. Default:
   * the subject token itself; required where that comes from a source.
   */
  readonly subject?: string | undefined;
  /** The token of the acting party, for servers that do not take it from the client's authentication. */
  readonly actorToken?: string | AssertionSource | AssertionFunction | undefined;
  /**
   * Names the acting party, as `subject` does the other. Default: what the source of its token says, else the actor
   * token itself; required where that comes from a function.
   */
  readonly actor?: string | undefined;
  /** What kind of token that is. Default: an access token. */
  readonly actorTokenType?: TokenTypeIdentifier | undefined;
}

const OPTION_NAMES: readonly (keyof TokenExchangeOptions)[] = [
  'subjectToken',
  'subjectTokenType',
  'subject',
  'actorToken',
  'actor',
  'actorTokenType',
];

/**
 * A server acts downstream for its caller: it hands the caller's token in at the authorization server, and gets one
 * for the next server in return. The caller's token itself goes no further, and an answer that hands it back is
 * refused.
 *
 * One grant stands for one caller: create it anew for each, as `sourceFor` of `createTokenSources` takes it.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 | RFC 8693 §2},
 *   {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, token passthrough}
 */
export function tokenExchange(options: TokenExchangeOptions): AuthorizationGrant {
  assertKnownOptions(options, OPTION_NAMES, 'tokenExchange');
  const { subjectTokenType = TOKEN_TYPES.accessToken, actorTokenType = TOKEN_TYPES.accessToken } = options;
  assertTokenType(subjectTokenType, 'subjectTokenType');
  assertTokenType(actorTokenType, 'actorTokenType');
  const subject = options.subject ?? options.subjectToken;
  if (typeof subject !== 'string' || subject === '') {
    throw new TypeError(
      'subject must name the party whose token comes from the source: its tokens are kept apart by that name.',
    );
  }
  const subjectSource = toTokenSource(options.subjectToken, 'subjectToken');
  const actorSource =
    options.actorToken === undefined ? undefined : toTokenSource(options.actorToken, 'actorToken');
  const grant: AuthorizationGrant = {
    grantType: TOKEN_EXCHANGE_GRANT,
    issuedTokenTypes: [TOKEN_TYPES.accessToken, TOKEN_TYPES.jwt],
    async createParameters(context) {
      const subjectToken = await readAssertion(subjectSource, context);
      const actorToken = actorSource === undefined ? undefined : await readAssertion(actorSource, context);
      return {
        parameters: {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: subjectToken,
          subject_token_type: subjectTokenType,
          ...(actorToken === undefined ? {} : { actor_token: actorToken, actor_token_type: actorTokenType }),
        },
        presentedTokens: [subjectToken, ...(actorToken === undefined ? [] : [actorToken])],
      };
    },
  };
  return withSubject(grant, subject, readActor(options, actorSource));
}

function readActor(
  { actor, actorToken }: TokenExchangeOptions,
  source: AssertionSource | undefined,
): string | undefined {
  if (source === undefined) {
    if (actor === undefined) return undefined;
    throw new TypeError('actor must be left out without actorToken: the client is the actor then.');
  }
  const named = actor ?? (typeof actorToken === 'string' ? actorToken : source.subject);
  if (typeof named === 'string' && named !== '') return named;
  throw new TypeError(
    'actor must name the acting party whose token comes from the source: tokens had by it are kept apart by that name.',
  );
}

function toTokenSource(value: unknown, option: string): AssertionSource {
  if (value === '') throw new TypeError(`${option} must not be empty.`);
  return typeof value === 'string'
    ? { name: option, getAssertion: () => Promise.resolve(value) }
    : toAssertionSource(value, option);
}
