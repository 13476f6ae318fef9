import { assertKnownOptions } from '../known-options.ts';
import { printable } from '../printable-text.ts';
import { claimInvalid, claimMissing } from './claim-failure.ts';
import { VerificationFailure } from './verification-failure.ts';

/**
 * Which audiences a token may name. Without it a token must name the resource, exactly.
 *
 * The check cannot be switched off: a token without audience is accepted from named clients only.
 */
export interface AudienceOptions {
  /**
   * Accepts these audiences instead of the resource: for providers whose audience is an identifier of their
   * own (an Entra ID application id, the audience of an Okta authorization server). Compared exactly.
   */
  readonly anyOf?: readonly string[];
  /** Refuses tokens that name any audience beside the accepted ones. Default false. */
  readonly exclusive?: boolean;
  /**
   * Accepts tokens without any audience from these clients, for providers that issue none (Cognito). Default:
   * such tokens are refused.
   */
  readonly clientIds?: readonly string[];
}

/** Refuses a token for another audience. Takes the claim `aud` and the client id as the profile read it. */
export type AudienceCheck = (audience: unknown, clientId: string) => void;

/**
 * Compiles the audience policy of one issuer.
 *
 * @param resource - canonical resource identifier
 * @param option - the option's name, for messages
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 | RFC 9068 §4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.9 | RFC 8725 §3.9}
 */
export function createAudienceCheck(
  resource: string,
  options: AudienceOptions | undefined,
  option: string,
): AudienceCheck {
  assertAudienceOptions(options ?? {}, option);
  const accepted = options?.anyOf ?? spellingsOf(resource);
  const clientIds = options?.clientIds ?? [];
  const exclusive = options?.exclusive ?? false;

  return (audience, clientId) => {
    if (audience === undefined) {
      if (clientIds.length === 0) throw claimMissing('aud');
      if (!clientIds.includes(clientId))
        throw mismatch(`no "aud", from a client of ${printable(clientIds)}`, clientId);
      return;
    }
    const audiences: readonly unknown[] = Array.isArray(audience) ? audience : [audience];
    if (audiences.length === 0 || !audiences.every((entry) => typeof entry === 'string')) {
      throw claimInvalid('aud', 'a text or an array of texts', audience);
    }
    const isAccepted = (entry: unknown): boolean => accepted.some((one) => one === entry);
    if (exclusive ? audiences.every(isAccepted) : audiences.some(isAccepted)) return;
    throw mismatch(
      `"aud": ${accepted.map(printable).join(' or ')}${exclusive ? ' and no other' : ''}`,
      audience,
    );
  };
}

function assertAudienceOptions(options: AudienceOptions, option: string): void {
  assertKnownOptions(options, ['anyOf', 'exclusive', 'clientIds'], option);
  for (const name of ['anyOf', 'clientIds'] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    if (
      !Array.isArray(value) ||
      value.length === 0 ||
      !value.every((one) => typeof one === 'string' && one !== '')
    ) {
      throw new TypeError(`${option}.${name} must be a non-empty array of texts.`);
    }
  }
  if (options.exclusive !== undefined && typeof options.exclusive !== 'boolean') {
    throw new TypeError(`${option}.exclusive must be true or false.`);
  }
}

/**
 * The spellings under which a resource is its own audience: the canonical one, and for a bare origin the
 * one with a slash, which URL libraries write for the same address (RFC 3986 §6.2.3).
 */
function spellingsOf(resource: string): readonly string[] {
  return new URL(resource).origin === resource ? [resource, `${resource}/`] : [resource];
}

function mismatch(expected: string, received: unknown): VerificationFailure {
  return new VerificationFailure('audience_mismatch', {
    expected,
    received: printable(received),
    description:
      'The access token was issued for another resource; request one with this resource\'s identifier as "resource".',
  });
}
