import { expect, it } from 'vitest';

import { judgeCertificate } from '../../src/steps/certificate.ts';

const SHOWN = {
  host: 'mcp.example.com',
  tls: 'TLSv1.3',
  commonName: 'mcp.example.com',
  validTo: 'Nov 30 12:00:00 2026 GMT',
  refusal: undefined,
};

it.each([
  ['eight days before its end nothing is said', '2026-11-22T11:00:00Z', []],
  [
    'six days before its end a certificate is worth a word',
    '2026-11-24T12:00:00Z',
    ['certificate_expires_soon'],
  ],
])('%s', (_name, now, codes) => {
  const { findings = [] } = judgeCertificate(SHOWN, Date.parse(now));
  expect(findings.map(({ code }) => code)).toEqual(codes);
});

it.each([
  ['CERT_HAS_EXPIRED', /renew its certificate/],
  ['CERT_NOT_YET_VALID', /Compare the clock of this machine/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /Use a name that the certificate is for/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
  ['SOMETHING_NEW', /intermediate certificates/],
])('a certificate refused with %s has a mend of its own', (refusal, fix) => {
  const { findings } = judgeCertificate({ ...SHOWN, refusal }, 0);
  expect(findings?.[0]).toMatchObject({ code: 'tls_failed', severity: 'failure' });
  expect(findings?.[0]?.fix).toMatch(fix);
});

it('a server without a certificate is described all the same', () => {
  const shown = { ...SHOWN, commonName: undefined, validTo: undefined };
  expect(judgeCertificate(shown, 0)).toEqual({
    received: 'TLSv1.3, certificate of no common name until an unknown day',
  });
});
