import {
  createAssertionClaims,
  createAssertionSigner,
  type AssertionSignerOptions,
} from '../../client-authentication/assertion-signer.ts';
import { assertKnownOptions } from '../../known-options.ts';
import type { AssertionSource } from './assertion-source.ts';

/** Options of {@link selfSignedAssertion}: a key at hand, or a function that signs. */
export type SelfSignedAssertionOptions = AssertionSignerOptions & {
  /** `sub`. Default: the client's id. */
  readonly subject?: string | undefined;
};

/**
 * An assertion for {@link jwtBearer} that the client signs itself: `iss` is the client's id, the authorization
 * server is the sole audience, each is valid for 60 seconds and used once.
 *
 * @throws TypeError for a key that does not fit
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3},
 *   {@link https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials | MCP OAuth client credentials} (JWT assertions)
 */
export function selfSignedAssertion(options: SelfSignedAssertionOptions): AssertionSource {
  assertKnownOptions(options, ['key', 'sign', 'algorithm', 'keyId', 'subject'], 'selfSignedAssertion');
  const { subject } = options;
  if (subject !== undefined && (typeof subject !== 'string' || subject === '')) {
    throw new TypeError('subject must be a non-empty string; leave it out for the client id.');
  }
  const { header, sign } = createAssertionSigner(options);
  return {
    name: 'the client itself',
    subject,
    getAssertion: async ({ audience, clientId, now }) =>
      sign(
        { ...header, typ: 'JWT' },
        { ...createAssertionClaims(clientId, audience, now()), sub: subject ?? clientId },
      ),
  };
}
