import { assertKnownOptions } from '../../known-options.ts';
import type { AssertionSource } from './assertion-source.ts';
import { withSubject, type AuthorizationGrant } from './authorization-grant.ts';
import { readAssertion, toAssertionSource, type AssertionFunction } from './read-assertion.ts';

/** `grant_type` of RFC 7523. */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Options of {@link jwtBearer}. */
export interface JwtBearerOptions {
  /**
   * Where the assertion comes from: the workload's own platform (`kubernetesServiceAccountToken()` and its like in
   * `@mcp-m2m/core/node`), `selfSignedAssertion(…)`, or a function.
   */
  readonly assertion: AssertionSource | AssertionFunction;
  /**
   * Names whose assertion it is, so that the tokens of one are never given to another: needed where clients of one
   * id share a store and present assertions of several. Default: what the source says, else the client itself.
   */
  readonly subject?: string | undefined;
}

/**
 * The client presents a JWT that somebody the authorization server trusts has signed: the token of its workload,
 * so that no secret has to be handed out at all.
 *
 * Where the assertion is the whole proof, use `noClientAuthentication()` with it. What the authorization server
 * refuses is not tried again with anything else.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 | RFC 7523 §2.1},
 *   {@link https://modelcontextprotocol.io/community/seps/1933-workload-identity-federation | SEP-1933}
 */
export function jwtBearer(options: JwtBearerOptions): AuthorizationGrant {
  assertKnownOptions(options, ['assertion', 'subject'], 'jwtBearer');
  const source = toAssertionSource(options.assertion, 'assertion');
  const { subject = source.subject } = options;
  if (subject !== undefined && (typeof subject !== 'string' || subject === '')) {
    throw new TypeError(
      "subject must name whose assertion it is; leave it out where it is the client's own.",
    );
  }
  const grant: AuthorizationGrant = {
    grantType: JWT_BEARER_GRANT,
    async createParameters(context) {
      const assertion = await readAssertion(source, context);
      return { parameters: { grant_type: JWT_BEARER_GRANT, assertion }, presentedTokens: [assertion] };
    },
  };
  return subject === undefined ? grant : withSubject(grant, subject);
}
