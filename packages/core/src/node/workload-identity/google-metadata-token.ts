import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { AssertionSourceError } from '../../client/grants/assertion-source.ts';
import { withoutSecrets } from '../../document-error.ts';
import { printable } from '../../printable-text.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import { readVariable } from './environment.ts';
import { askIdentityEndpoint } from './identity-endpoint.ts';
import { isLocalHost } from './local-network.ts';
import {
  assertSourceOptions,
  type AssertionSourceOptions,
  type HttpEndpointOptions,
} from './source-options.ts';

const NAME = 'Google metadata server';
/** The documented address: no name server has a say in it. */
const METADATA_ADDRESS = '169.254.169.254';
const METADATA_NAME = 'metadata.google.internal';
const FORMATS: ReadonlySet<unknown> = new Set(['full', 'standard']);

/** Options of {@link googleMetadataToken}. */
export interface GoogleMetadataTokenOptions extends AssertionSourceOptions, HttpEndpointOptions {
  /** Whether the token tells of the project and the instance beside the service account. Default `full`. */
  readonly format?: 'full' | 'standard' | undefined;
}

/**
 * An identity token of the service account that a Google Cloud workload runs as, made for the audience at every
 * use.
 *
 * Asks the metadata server by plain http, as it has no other, at the link-local address 169.254.169.254 or where
 * `GCE_METADATA_HOST` says: `metadata.google.internal`, or a loopback, link-local or private address. Whatever
 * answers without `Metadata-Flavor: Google` is not it.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://cloud.google.com/compute/docs/instances/verifying-instance-identity | Google Cloud, instance identity}
 */
export function googleMetadataToken(options: GoogleMetadataTokenOptions = {}): AssertionSource {
  const known = ['audience', 'environment', 'fetch', 'timeoutMilliseconds'];
  assertSourceOptions(options, known, 'googleMetadataToken', ['format']);
  const { format = 'full' } = options;
  if (!FORMATS.has(format)) throw new TypeError("format must be 'full' or 'standard'.");
  return {
    name: NAME,
    async getAssertion(request) {
      const audience = options.audience ?? request.audience;
      const url = new URL(
        '/computeMetadata/v1/instance/service-accounts/default/identity',
        locateServer(readVariable(options.environment, 'GCE_METADATA_HOST')),
      );
      url.search = new URLSearchParams({ audience, format }).toString();
      const headers = { 'metadata-flavor': 'Google' };
      const hint = 'Is this machine in Google Cloud, with a service account attached?';
      const answer = await askIdentityEndpoint({ source: NAME, url, headers, hint }, options, request);
      if (answer.headers.get('metadata-flavor') !== 'Google') {
        throw answer.fail('an answer with Metadata-Flavor: Google', 'one without', hint);
      }
      if (answer.status !== 200) throw answer.fail('status 200', `status ${answer.status}`, hint);
      const from = withoutSecrets(url.href);
      const audienceHint = 'The metadata server did not heed the audience it was asked for.';
      return acceptAssertion(answer.text, { source: NAME, from, audience, audienceHint }, request);
    },
  };
}

function locateServer(host = METADATA_ADDRESS): URL {
  const url = URL.parse(`http://${host}/`);
  if (
    url !== null &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    url.pathname === '/' &&
    (url.hostname === METADATA_NAME || isLocalHost(url.hostname))
  ) {
    return url;
  }
  throw new AssertionSourceError(NAME, {
    from: 'the variable GCE_METADATA_HOST',
    expected: `a host with or without a port: ${METADATA_NAME}, or a loopback, link-local or private address`,
    received: printable(url?.host ?? 'something else'),
    hint: 'The token would cross a network unencrypted. Leave the variable out in Google Cloud.',
    passing: false,
  });
}
