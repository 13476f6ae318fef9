import { sanitizeText } from '@mcp-m2m/core';

import { failure, warning } from '../findings.ts';
import type { StepResult } from '../walk.ts';
import { TLS_FIXES } from './connection-failure.ts';

const EXPIRES_SOON_MILLISECONDS = 7 * 86_400_000;

/** What a TLS connection showed. */
export interface ShownCertificate {
  readonly host: string;
  /** The version of the protocol. */
  readonly tls: string;
  readonly commonName: string | undefined;
  /** When it ends, as the certificate has it. */
  readonly validTo: string | undefined;
  /** The code by which this machine does not accept it, where it does not. */
  readonly refusal: string | undefined;
}

/** Judges the certificate of a server. */
export function judgeCertificate(
  { host, tls, commonName = 'no common name', validTo = 'an unknown day', refusal }: ShownCertificate,
  now: number,
): StepResult {
  const end = sanitizeText(validTo, 40);
  const received = `${tls}, certificate of ${sanitizeText(commonName, 80)} until ${end}`;
  if (refusal !== undefined) {
    const code = sanitizeText(refusal, 80);
    return {
      expected: 'a certificate that this machine trusts, for this name',
      received: `${received}: ${code}`,
      findings: [
        failure(
          'tls_failed',
          `The certificate of ${host} is not accepted: ${code}.`,
          TLS_FIXES.get(refusal) ??
            'Have the operator of the server install a certificate for this name, with its intermediate certificates.',
        ),
      ],
    };
  }
  if (!(Date.parse(validTo) - now < EXPIRES_SOON_MILLISECONDS)) return { received };
  return {
    received,
    findings: [
      warning(
        'certificate_expires_soon',
        `The certificate of ${host} ends on ${end}.`,
        'Have the operator of the server renew it.',
      ),
    ],
  };
}
