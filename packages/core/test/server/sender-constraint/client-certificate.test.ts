import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createCertificateReader,
  thumbprintOf,
  type ClientCertificateOptions,
} from '../../../src/server/sender-constraint/client-certificate.ts';

const DER = Buffer.from('30820123040506ff', 'hex');
const BASE64 = DER.toString('base64');
const PEM = `-----BEGIN CERTIFICATE-----\n${BASE64}\n-----END CERTIFICATE-----\n`;
const SOCKET = Uint8Array.of(1, 2, 3);

type Format = Extract<ClientCertificateOptions, { from: 'header' }>['format'];

function read(format: Format, value: string | readonly string[] | undefined): Uint8Array | undefined {
  const reader = createCertificateReader({ from: 'header', name: 'X-Cert', format: format ?? 'rfc9440' });
  return reader({ 'x-cert': value }, SOCKET);
}

describe('createCertificateReader', () => {
  it('takes the certificate of the connection unless told otherwise', () => {
    const forged = { 'client-cert': `:${BASE64}:`, 'x-forwarded-client-cert': `Cert="${PEM}"` };
    for (const options of [undefined, { from: 'socket' } as const]) {
      const reader = createCertificateReader(options);
      expect(reader(forged, SOCKET)).toBe(SOCKET);
      expect(reader(forged, undefined)).toBeUndefined();
    }
  });

  it.each<[Format, string]>([
    ['rfc9440', `:${BASE64}:`],
    ['url-encoded-pem', encodeURIComponent(PEM)],
    ['url-encoded-pem', PEM.replaceAll('\n', '%0A').replaceAll(' ', '%20')],
    ['url-encoded-pem', encodeURIComponent(PEM.replaceAll('\n', '\r\n'))],
    ['xfcc', `By=x;Cert="${encodeURIComponent(PEM)}"`],
  ])('reads %s', (format, value) => {
    expect(Buffer.from(read(format, value) ?? [])).toEqual(DER);
    expect(Buffer.from(read(format, [value]) ?? [])).toEqual(DER);
  });

  it.each<[Format, string | readonly string[] | undefined]>([
    ['rfc9440', undefined],
    ['rfc9440', []],
    ['rfc9440', ''],
    ['rfc9440', '::'],
    ['rfc9440', BASE64],
    ['rfc9440', `:${BASE64}`],
    ['rfc9440', `:${BASE64}:, :${BASE64}:`],
    ['rfc9440', [`:${BASE64}:`, `:${BASE64}:`]],
    ['rfc9440', `:${BASE64}:\n`],
    ['rfc9440', `:${'A'.repeat(17_000)}:`],
    ['url-encoded-pem', PEM.slice(5)],
    ['url-encoded-pem', '%'],
    ['url-encoded-pem', encodeURIComponent(PEM + PEM)],
    ['url-encoded-pem', encodeURIComponent(`text before\n${PEM}`)],
    ['url-encoded-pem', encodeURIComponent(PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'))],
    ['url-encoded-pem', encodeURIComponent('-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----')],
    ['xfcc', `Cert="${encodeURIComponent(PEM)}",Cert="${encodeURIComponent(PEM)}"`],
    ['xfcc', 'Cert="%E0%A4%A"'],
    ['xfcc', `:${BASE64}:`],
  ])('finds none in %s %j', (format, value) => {
    expect(read(format, value)).toBeUndefined();
  });

  it('never falls back to the connection where a header is trusted', () => {
    expect(read('rfc9440', undefined)).toBeUndefined();
  });
});

describe('thumbprintOf', () => {
  it('is the SHA-256 of the DER in base64url, computed once for one certificate', async () => {
    const expected = createHash('sha256').update(DER).digest('base64url');
    expect(await thumbprintOf(DER)).toBe(expected);
    expect(thumbprintOf(DER)).toBe(thumbprintOf(DER));
    expect(await thumbprintOf(Uint8Array.from(DER))).toBe(expected);
  });
});
