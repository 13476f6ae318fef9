import {
  isClientAuthentication,
  type ClientAuthentication,
} from '../../client-authentication/client-authentication.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { parseSecureUrl } from '../../secure-url.ts';

/** How an authorization server is asked about tokens (RFC 7662). */
export interface IntrospectionOptions {
  /** This resource server's own client id there. */
  readonly clientId: string;
  /** How it proves who it is: `clientSecretBasic(…)`, `privateKeyJwt(…)` or another. */
  readonly authentication: ClientAuthentication;
  /** Default: `introspection_endpoint` of the discovered metadata. */
  readonly endpoint?: string;
  /** Longest time an answer is used again, in seconds, never beyond the token's expiry. 0 to 3600, default 30. */
  readonly cacheSeconds?: number;
  /** Accepts signed answers alone (RFC 9701). Default false: both kinds, a signed one verified. */
  readonly signed?: boolean;
  /**
   * Also asks about JWTs, instead of verifying them by signature. Their type is then checked by the profile, and
   * without a profile only what says that it is another kind of token is refused. Default false.
   */
  readonly jwts?: boolean;
}

/**
 * Validates the options.
 *
 * @throws TypeError naming the option and the mend
 */
export function assertIntrospectionOptions(options: IntrospectionOptions, option: string): void {
  assertKnownOptions(
    options,
    ['clientId', 'authentication', 'endpoint', 'cacheSeconds', 'signed', 'jwts'],
    option,
  );
  const { clientId, authentication, endpoint, cacheSeconds = 30, signed = false, jwts = false } = options;
  if (typeof clientId !== 'string' || clientId === '')
    throw new TypeError(`${option}.clientId must be a text.`);
  if (!isClientAuthentication(authentication)) {
    throw new TypeError(
      `${option}.authentication must be what clientSecretBasic(…), privateKeyJwt(…) or the like return.`,
    );
  }
  if (endpoint !== undefined) parseSecureUrl(endpoint, `${option}.endpoint`);
  if (typeof cacheSeconds !== 'number' || !(cacheSeconds >= 0 && cacheSeconds <= 3600)) {
    throw new TypeError(`${option}.cacheSeconds must be a number from 0 to 3600.`);
  }
  if (typeof signed !== 'boolean' || typeof jwts !== 'boolean') {
    throw new TypeError(`${option}.signed and ${option}.jwts must be true or false.`);
  }
}
