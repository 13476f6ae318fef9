import { sanitizeText } from '@mcp-m2m/core';

import { failure } from '../findings.ts';
import type { StepResult } from '../walk.ts';

const OF_AN_OWN_AUTHORITY =
  'The certificate comes from an authority that this machine does not know. If it is your own, start Node.js with NODE_EXTRA_CA_CERTS=ca.pem (or --use-system-ca); otherwise have the operator install one of a public authority, with its intermediate certificates.';

/** What to do about a certificate, by the code of its failure. */
export const TLS_FIXES: ReadonlyMap<string, string> = new Map([
  ['SELF_SIGNED_CERT_IN_CHAIN', OF_AN_OWN_AUTHORITY],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', OF_AN_OWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', OF_AN_OWN_AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', OF_AN_OWN_AUTHORITY],
  [
    'CERT_HAS_EXPIRED',
    'Have the operator of the server renew its certificate; if it is said to be new, compare the clock of this machine.',
  ],
  ['CERT_NOT_YET_VALID', 'Compare the clock of this machine: for it, the certificate is not valid yet.'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Use a name that the certificate is for, or have the operator of the server install one for this name.',
  ],
]);

/** Says why there is no connection. */
export function describeConnectionFailure(
  error: unknown,
  hostname: string,
  port: number,
  signal: Pick<AbortSignal, 'aborted'>,
): StepResult {
  const code = (error as { code?: string }).code ?? '';
  if (signal.aborted) {
    return {
      received: 'nothing in time',
      findings: [
        failure(
          'timed_out',
          `${hostname}:${port} does not answer: the connection is neither accepted nor refused.`,
          'A firewall may drop it: check that this machine may reach that address, and that the server runs.',
        ),
      ],
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      received: code,
      findings: [
        failure(
          'name_unresolved',
          `The name ${hostname} is not known here (${code}).`,
          code === 'ENOTFOUND'
            ? 'Correct the name in the URL; a name of an internal network needs that network (VPN, cluster DNS).'
            : 'The name server does not answer: check the network of this machine, then try again.',
        ),
      ],
    };
  }
  const certificateFix = TLS_FIXES.get(code);
  if (certificateFix !== undefined) {
    return {
      received: code,
      findings: [
        failure('tls_failed', `The certificate of ${hostname} is not accepted: ${code}.`, certificateFix),
      ],
    };
  }
  const tls = code.startsWith('ERR_SSL') || code === 'EPROTO';
  return {
    received: sanitizeText(code === '' ? 'a network failure' : code, 80),
    findings: [
      tls
        ? failure(
            'tls_failed',
            `${hostname}:${port} does not speak TLS as expected (${sanitizeText(code, 80)}).`,
            'Check the port: a plain http server may be listening there, or a proxy ends TLS elsewhere.',
          )
        : failure(
            'unreachable',
            `${hostname}:${port} cannot be reached (${sanitizeText(code === '' ? 'network failure' : code, 80)}).`,
            code === 'ECONNREFUSED'
              ? 'Nothing listens on that port: start the server, or correct the port in the URL.'
              : 'Check the network between this machine and the server. If this network is left through a proxy only, name it in HTTPS_PROXY and set NODE_USE_ENV_PROXY=1.',
          ),
    ],
  };
}
