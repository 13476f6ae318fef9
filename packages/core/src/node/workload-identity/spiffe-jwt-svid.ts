import {
  AssertionSourceError,
  type AssertionRequest,
  type AssertionSource,
} from '../../client/grants/assertion-source.ts';
import { startDeadline } from '../../deadline.ts';
import { printable } from '../../printable-text.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import { requireVariable } from './environment.ts';
import { createFileSource } from './file-source.ts';
import { assertSourceOptions, type AssertionSourceOptions, type EndpointOptions } from './source-options.ts';
import { SPIFFE_ENDPOINT_FORMS, parseSpiffeEndpoint, type SpiffeEndpoint } from './spiffe-endpoint.ts';
import { fetchJwtSvids } from './spiffe-fetch.ts';

const NAME = 'SPIFFE JWT-SVID';
const VARIABLE = 'SPIFFE_ENDPOINT_SOCKET';

/** Options of {@link spiffeJwtSvid}. */
export interface SpiffeJwtSvidOptions extends AssertionSourceOptions, EndpointOptions {
  /** A file that is kept current, by `spiffe-helper` for example: then nobody else is asked. */
  readonly path?: string | undefined;
  /** Address of the Workload API: `unix:///path` or `tcp://address:port`. Default: `SPIFFE_ENDPOINT_SOCKET`. */
  readonly endpoint?: string | undefined;
  /** Which of the workload's identities, if it has several. Default: the first that the API names. */
  readonly spiffeId?: string | undefined;
}

/**
 * A JWT-SVID of the workload: made for the audience at every use by the SPIFFE Workload API of the machine
 * (SPIRE's agent, for example), or read from a file.
 *
 * The API speaks gRPC without TLS: over a socket of the machine, or an IP address that is loopback, link-local or
 * private.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md#6-jwt-svid-profile | SPIFFE Workload API §6}
 */
export function spiffeJwtSvid(options: SpiffeJwtSvidOptions = {}): AssertionSource {
  assertSourceOptions(
    options,
    ['path', 'endpoint', 'spiffeId', 'audience', 'environment', 'timeoutMilliseconds'],
    'spiffeJwtSvid',
  );
  const { path, endpoint, spiffeId, audience } = options;
  if (spiffeId !== undefined && !/^spiffe:\/\/[^/]+/i.test(spiffeId)) {
    throw new TypeError('spiffeId must look like "spiffe://example.org/service".');
  }
  if (path !== undefined) {
    if (endpoint !== undefined) throw new TypeError('path and endpoint exclude each other: leave one out.');
    return createFileSource({
      name: NAME,
      locate: () => path,
      audienceFor: (request) => audience ?? request.audience,
      fileHint: 'Check the path, and whether whoever writes the file has started.',
      audienceHint:
        "Set this audience where the file is written: jwt_audience in spiffe-helper's configuration.",
      subject: spiffeId,
    });
  }
  if (endpoint !== undefined && parseSpiffeEndpoint(endpoint) === undefined) {
    throw new TypeError(`endpoint must be ${SPIFFE_ENDPOINT_FORMS}, received ${printable(endpoint)}.`);
  }
  return { name: NAME, getAssertion: (request) => askWorkloadApi(options, request) };
}

async function askWorkloadApi(options: SpiffeJwtSvidOptions, request: AssertionRequest): Promise<string> {
  const { spiffeId, timeoutMilliseconds = 3000 } = options;
  const audience = options.audience ?? request.audience;
  const { endpoint, from } = locateEndpoint(options);
  const { signal: timeout, stop } = startDeadline(timeoutMilliseconds);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    const svids = await fetchJwtSvids({ source: NAME, from, endpoint, audience, spiffeId, signal });
    const chosen = svids.find((svid) => spiffeId === undefined || svid.spiffeId === spiffeId);
    if (chosen === undefined) {
      throw new AssertionSourceError(NAME, {
        from,
        expected: `an identity${spiffeId === undefined ? '' : ` ${printable(spiffeId)}`}`,
        received: svids.length === 0 ? 'none' : printable(svids.map((svid) => svid.spiffeId)),
        hint: 'Register the workload, or choose one of its identities by the option spiffeId.',
      });
    }
    const audienceHint = 'The Workload API did not heed the audience it was asked for.';
    const subject = chosen.spiffeId;
    return acceptAssertion(chosen.svid, { source: NAME, from, audience, audienceHint, subject }, request);
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    if (!timeout.aborted || error instanceof AssertionSourceError) throw error;
    throw new AssertionSourceError(NAME, {
      from,
      expected: `an answer within ${timeoutMilliseconds} ms`,
      received: 'none',
      hint: 'Does the agent run, and does it reach its server?',
    });
  } finally {
    stop();
  }
}

function locateEndpoint(options: SpiffeJwtSvidOptions): { endpoint: SpiffeEndpoint; from: string } {
  const hint = 'Mount the socket of the Workload API into this container and name it by this variable.';
  const address = options.endpoint ?? requireVariable(options.environment, VARIABLE, NAME, hint);
  const endpoint = parseSpiffeEndpoint(address);
  if (endpoint !== undefined) return { endpoint, from: printable(address) };
  throw new AssertionSourceError(NAME, {
    from: `the variable ${VARIABLE}`,
    expected: SPIFFE_ENDPOINT_FORMS,
    received: printable(address),
    hint,
    passing: false,
  });
}
