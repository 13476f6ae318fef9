import { refuseUnknownOptions } from './known-options.ts';
import { METADATA_KINDS, type MetadataKind } from './metadata-document.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-key.ts';

/** How an authority is set up; every option may be left out. */
export interface TestAuthorityOptions {
  /** The issuer's path, such as `/tenant`; `/` gives an issuer that ends in a slash. Default none. */
  readonly path?: string;
  /** Of the first signing key and those that replace it. Default `ES256`. */
  readonly algorithm?: SigningAlgorithm;
  /** The well-known documents that answer: RFC 8414's (`oauth`), OpenID Connect's (`openid`) or `both`. Default `both`. */
  readonly metadata?: MetadataKind;
  /** The audience of minted tokens that name none: the URL of your MCP server. Default none. */
  readonly audience?: string;
  /** `sub` and `client_id` of minted tokens. Default `test-client`. */
  readonly clientId?: string;
  /** `scope` of minted tokens. Default `test`. */
  readonly scope?: string;
  /** The lifetime of tokens from the token endpoint, told as `expires_in`. Default 300. */
  readonly accessTokenLifetimeSeconds?: number;
  /** The clock that `advanceSeconds` moves on from, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const KNOWN_OPTIONS = [
  'path',
  'algorithm',
  'metadata',
  'audience',
  'clientId',
  'scope',
  'accessTokenLifetimeSeconds',
  'now',
] as const satisfies readonly (keyof TestAuthorityOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws TypeError that names the option and the mend
 */
export function readAuthorityOptions(options: TestAuthorityOptions) {
  refuseUnknownOptions(options, KNOWN_OPTIONS, 'createTestAuthority');
  const {
    path = '',
    algorithm = 'ES256',
    metadata = 'both',
    audience,
    clientId = 'test-client',
    scope = 'test',
    accessTokenLifetimeSeconds = 300,
    now = Date.now,
  } = options;
  if (path !== '' && !/^\/[^?#\s]*$/.test(path)) {
    throw new TypeError(
      'createTestAuthority: path must start with "/" and have no query, such as "/tenant".',
    );
  }
  if (!SIGNING_ALGORITHMS.includes(algorithm)) {
    throw new TypeError(`createTestAuthority: algorithm must be one of ${SIGNING_ALGORITHMS.join(', ')}.`);
  }
  if (!METADATA_KINDS.includes(metadata)) {
    throw new TypeError(`createTestAuthority: metadata must be one of ${METADATA_KINDS.join(', ')}.`);
  }
  return { path, algorithm, metadata, audience, clientId, scope, accessTokenLifetimeSeconds, now };
}
