import { printable } from '../../printable-text.ts';
import { claimInvalid } from '../claim-failure.ts';
import type { IncomingRequest } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import { VerificationFailure } from '../verification-failure.ts';
import {
  createCertificateReader,
  thumbprintOf,
  type ClientCertificateOptions,
} from './client-certificate.ts';
import { createProofCheck } from './dpop-check.ts';
import { readDpopOptions, type DpopOptions } from './dpop-options.ts';

/** Checks that a token comes from whom it is bound to. */
export interface SenderConstraint {
  /**
   * Checks the binding of a verified token, on every request.
   *
   * @returns headers for the response
   * @throws VerificationFailure
   */
  readonly check: (
    credentials: Credentials,
    claims: Readonly<Record<string, unknown>>,
    request: IncomingRequest,
  ) => undefined | Promise<Readonly<Record<string, string>>>;
  /** Algorithms of proofs, where DPoP is offered. */
  readonly dpopAlgorithms: readonly string[] | undefined;
  readonly dpopRequired: boolean;
}

/** What {@link createSenderConstraint} is configured with. */
export interface SenderConstraintOptions {
  readonly dpop: DpopOptions | false | undefined;
  readonly clientCertificate: ClientCertificateOptions | undefined;
  /** The URL of a request as its client knows it, for proofs. */
  readonly urlOf: (request: IncomingRequest) => string;
  readonly now: () => number;
}

/** The claim `cnf`, as far as it is understood. */
interface Confirmation {
  readonly jkt: string | undefined;
  readonly x5t: string | undefined;
}

/**
 * Creates the check of sender constraints: DPoP proofs and client certificates.
 *
 * A bound token as Bearer is refused, and an unbound one as DPoP; a token bound in a way that is not
 * understood is refused whatever comes with it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7 | RFC 9449 §7},
 *   {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3}
 */
export function createSenderConstraint(options: SenderConstraintOptions): SenderConstraint {
  const { now } = options;
  const dpop = readDpopOptions(options.dpop);
  const checkProof = dpop && createProofCheck(dpop, now);
  const readCertificate = createCertificateReader(options.clientCertificate);

  const checkCertificate = async (thumbprint: string, request: IncomingRequest): Promise<void> => {
    const certificate = readCertificate(request.headers, request.clientCertificate);
    if (certificate === undefined) throw unmet('the client certificate that the token is bound to', 'none');
    if ((await thumbprintOf(certificate)) !== thumbprint) {
      throw unmet('the client certificate that the token is bound to', 'another certificate');
    }
  };

  const checkBinding = async (
    token: string,
    claims: object,
    jkt: string | undefined,
    x5t: string | undefined,
    request: IncomingRequest,
  ): Promise<Readonly<Record<string, string>>> => {
    if (x5t !== undefined) await checkCertificate(x5t, request);
    if (jkt === undefined) return {};
    if (checkProof === undefined) throw unmet('an unbound token', 'one bound to a DPoP key', 'Bearer');
    const { method, headers } = request;
    return checkProof(token, claims, jkt, { method, url: options.urlOf(request), headers });
  };

  /** No challenge names a scheme that is switched off. */
  const offered = (scheme: Credentials['scheme']): Credentials['scheme'] =>
    dpop === undefined ? 'Bearer' : scheme;

  return {
    dpopAlgorithms: dpop?.algorithms,
    dpopRequired: dpop?.required ?? false,
    check: ({ scheme, token }, claims, request) => {
      const { jkt, x5t } = readConfirmation(claims.cnf);
      if (jkt === undefined && dpop?.required === true) {
        const received = x5t === undefined ? 'an unbound token' : 'one bound to a certificate';
        throw unmet('a token bound to a DPoP key', received, 'DPoP');
      }
      if (jkt === undefined && x5t === undefined) {
        if (scheme === 'Bearer') return undefined;
        const received = 'an unbound token';
        throw unmet('a token bound to a key, with the scheme DPoP', received, offered(scheme));
      }
      if ((jkt !== undefined) !== (scheme === 'DPoP')) {
        const needed = jkt === undefined ? 'Bearer' : 'DPoP';
        throw unmet(`the scheme ${needed}`, `the scheme ${scheme}`, offered(needed));
      }
      return checkBinding(token, claims, jkt, x5t, request);
    },
  };
}

function readConfirmation(confirmation: unknown): Confirmation {
  if (confirmation === undefined) return { jkt: undefined, x5t: undefined };
  if (typeof confirmation !== 'object' || confirmation === null || Array.isArray(confirmation)) {
    throw claimInvalid('cnf', 'an object', confirmation);
  }
  const { jkt, 'x5t#S256': x5t, ...others } = confirmation as Readonly<Record<string, unknown>>;
  for (const value of [jkt, x5t]) {
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw claimInvalid('cnf', 'thumbprints', value);
  }
  // A binding that cannot be checked is not one that may be ignored.
  if (Object.keys(others).length > 0 || (jkt === undefined && x5t === undefined)) {
    const members = Object.keys(confirmation).map(printable).join(', ');
    throw unmet(
      'a token whose "cnf" is "jkt" or "x5t#S256"',
      `"cnf" with ${members === '' ? 'nothing' : members}`,
    );
  }
  return { jkt: jkt as string | undefined, x5t: x5t as string | undefined };
}

function unmet(
  expected: string,
  received: string,
  neededScheme?: Credentials['scheme'],
): VerificationFailure {
  return new VerificationFailure('sender_constraint_unmet', {
    expected,
    received,
    ...(neededScheme === undefined ? {} : { neededScheme }),
    description: `The request needs ${expected}.`,
  });
}
