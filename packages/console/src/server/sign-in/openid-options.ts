import { assertKnownOptions, parseIssuerIdentifier } from '@mcp-m2m/core';

/** How people sign in at an OpenID provider. */
export interface OpenIdSignInOptions {
  /** The provider's identifier. */
  readonly issuer: string;
  /** The console's client id there; its redirect URI is `<origin><path>/sign-in/openid/callback`. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who may sign in: the ID token's claim (or the way to one within claims) has or contains this value. */
  readonly role: { readonly claim: string | readonly string[]; readonly value: string };
  /**
   * The credential by which the console acts for those who sign in: a client of the authorization server that may use
   * its administration. People with the role can do what it can do.
   */
  readonly administrator: { readonly clientId: string; readonly clientSecret: string };
  /** Beside `openid`. `['profile']` unless given. */
  readonly scopes?: readonly string[];
  /** What the button says; the provider's host unless given. */
  readonly label?: string;
}

/** The options once validated. */
export interface OpenIdSettings extends Required<Omit<OpenIdSignInOptions, 'role'>> {
  readonly role: { readonly claim: readonly string[]; readonly value: string };
}

const KNOWN = [
  'issuer',
  'clientId',
  'clientSecret',
  'role',
  'administrator',
  'scopes',
  'label',
] as const satisfies readonly (keyof OpenIdSignInOptions)[];

/**
 * Validates the option `openId`.
 *
 * @throws TypeError naming the member and the mend
 */
export function parseOpenId(options: OpenIdSignInOptions | undefined): OpenIdSettings | undefined {
  if (options === undefined) return undefined;
  assertKnownOptions(options, KNOWN, 'openId');
  assertKnownOptions(options.role, ['claim', 'value'], 'openId.role');
  assertKnownOptions(options.administrator, ['clientId', 'clientSecret'], 'openId.administrator');
  const issuer = parseIssuerIdentifier(options.issuer);
  const claim = [options.role.claim].flat();
  if (claim.length === 0 || claim.some((name) => !isText(name))) {
    throw new TypeError(
      'openId.role.claim must name the claim with the role, such as "roles", or the way to it.',
    );
  }
  assertText(options.clientId, 'openId.clientId', "the console's client id at the OpenID provider");
  assertText(options.clientSecret, 'openId.clientSecret', "the console's secret at the OpenID provider");
  assertText(options.role.value, 'openId.role.value', 'the role that may administer');
  assertText(options.administrator.clientId, 'openId.administrator.clientId', 'an administrator');
  assertText(options.administrator.clientSecret, 'openId.administrator.clientSecret', 'its secret');
  const { scopes = ['profile'], label = new URL(issuer).host } = options;
  if (!Array.isArray(scopes) || scopes.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(String(scope)))) {
    throw new TypeError('openId.scopes must be a list of scopes such as ["profile"].');
  }
  assertText(label, 'openId.label', 'what the button says');
  const { role, administrator, clientId, clientSecret } = options;
  return {
    issuer,
    clientId,
    clientSecret,
    scopes,
    label,
    role: { claim, value: role.value },
    administrator: { clientId: administrator.clientId, clientSecret: administrator.clientSecret },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function assertText(value: unknown, option: string, what: string): void {
  if (!isText(value)) throw new TypeError(`${option} must be a non-empty string: ${what}.`);
}
