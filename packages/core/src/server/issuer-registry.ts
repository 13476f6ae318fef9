import { printable } from '../printable-text.ts';
import { createIssuerResolutions, type AuthorizationServerResolver } from './issuer-resolutions.ts';
import type { Introspector } from './introspection/introspector.ts';
import {
  createTrustedIssuer,
  type AuthorizationServerOptions,
  type IssuerEnvironment,
  type TrustedIssuer,
} from './trusted-issuer.ts';
import { VerificationFailure } from './verification-failure.ts';

/** The authorization servers whose tokens are accepted. */
export interface IssuerRegistry {
  /** Those of the static list. */
  readonly listed: readonly TrustedIssuer[];
  /**
   * The authorization server that a token names. An unknown one costs no network.
   *
   * @throws VerificationFailure `issuer_unknown` or `issuer_unavailable`
   */
  readonly select: (issuer: unknown) => TrustedIssuer | Promise<TrustedIssuer>;
  /** Whether an authorization server that was selected earlier is still accepted, as far as is known. */
  readonly isCurrent: (issuer: TrustedIssuer) => boolean;
  /** Verifies tokens that name no issuer, where a listed authorization server can be asked about them. */
  readonly introspectOpaque: Introspector | undefined;
}

/**
 * Keeps the static list, and asks the resolver about issuers that are not in it.
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 */
export function createIssuerRegistry(
  configured: readonly (string | AuthorizationServerOptions)[],
  resolve: AuthorizationServerResolver | undefined,
  environment: IssuerEnvironment,
): IssuerRegistry {
  const issuers = new Map<string, TrustedIssuer>();
  for (const [index, options] of configured.entries()) {
    const option = `authorizationServers[${index}]`;
    const issuer = createTrustedIssuer(options, option, environment);
    if (issuers.has(issuer.issuer)) {
      throw new TypeError(`${option} names ${issuer.issuer} a second time; remove one.`);
    }
    issuers.set(issuer.issuer, issuer);
  }
  const introspecting = [...issuers.values()].filter(({ introspect }) => introspect !== undefined);
  if (introspecting.length > 1) {
    throw new TypeError(
      'authorizationServers: introspection can be configured for one of them only, since an opaque token does not say whose it is.',
    );
  }
  const resolutions = resolve && createIssuerResolutions(resolve, environment);

  const unknown = (issuer: unknown): VerificationFailure =>
    new VerificationFailure('issuer_unknown', {
      expected: [...issuers.keys()].map(printable).join(' or '),
      received: printable(issuer),
      description:
        'The access token was issued by an authorization server that this resource does not accept.',
    });

  return {
    listed: [...issuers.values()],
    introspectOpaque: introspecting[0]?.introspect,
    isCurrent: (issuer) =>
      issuers.get(issuer.issuer) === issuer || resolutions?.accepted(issuer.issuer) === issuer,
    select: (issuer) => {
      if (typeof issuer !== 'string') throw unknown(issuer);
      const accepted = issuers.get(issuer) ?? resolutions?.accepted(issuer);
      if (accepted !== undefined) return accepted;
      if (resolutions === undefined) throw unknown(issuer);
      return resolutions.resolve(issuer).then((found) => {
        if (found === undefined) throw unknown(issuer);
        return found;
      });
    },
  };
}
