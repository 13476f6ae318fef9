import type { ClientAuthentication } from '../../client-authentication/client-authentication.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { printable } from '../../printable-text.ts';
import { AssertionSourceError, type AssertionSource } from './assertion-source.ts';
import {
  isPresentableAssertion,
  PRESENTABLE_ASSERTION,
  toAssertionSource,
  type AssertionFunction,
} from './read-assertion.ts';

/** Options of {@link workloadAssertion}. */
export interface WorkloadAssertionOptions {
  /** Where the assertion comes from, such as `azureFederatedToken()` of `@mcp-m2m/core/node`. */
  readonly assertion: AssertionSource | AssertionFunction;
}

/**
 * Authenticates with the token of the client's workload in place of an assertion that the client has signed: what
 * Entra ID calls a federated identity credential. The grant stays that of the client.
 *
 * For authorization servers that take the workload's token as a grant, use {@link jwtBearer}.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.2 | RFC 7523 §2.2}
 */
export function workloadAssertion(options: WorkloadAssertionOptions): ClientAuthentication {
  assertKnownOptions(options, ['assertion'], 'workloadAssertion');
  const source = toAssertionSource(options.assertion, 'assertion');
  return {
    method: 'private_key_jwt',
    async authenticate(request, { issuer, clientId, resource = '', now, signal }) {
      const assertion: unknown = await source.getAssertion({
        audience: issuer,
        clientId,
        resource,
        now,
        signal: signal ?? new AbortController().signal,
        conceal: (value) => request.conceal(value),
      });
      if (typeof assertion === 'string') request.conceal(assertion);
      if (!isPresentableAssertion(assertion)) {
        throw new AssertionSourceError(source.name, {
          from: source.name,
          expected: PRESENTABLE_ASSERTION,
          received: typeof assertion === 'string' ? `${assertion.length} characters` : printable(assertion),
          hint: 'See what the source of the assertion returns.',
        });
      }
      request.parameters.set('client_id', clientId);
      request.parameters.set(
        'client_assertion_type',
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      request.parameters.set('client_assertion', assertion);
    },
  };
}
