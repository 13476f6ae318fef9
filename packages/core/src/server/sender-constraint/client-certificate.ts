import { base64url } from 'jose';
import { assertKnownOptions } from '../../known-options.ts';
import type { RequestHeaders } from '../credentials.ts';
import { readForwardedCertificate } from './forwarded-certificate.ts';

/**
 * Where the client's TLS certificate comes from.
 *
 * `socket`: this process ends TLS. A header: a proxy in front does, and sets it. The proxy must remove the
 * header from what clients send, or any client can claim any certificate.
 */
export type ClientCertificateOptions =
  | { readonly from: 'socket' }
  | {
      readonly from: 'header';
      /** Default `client-cert`. */
      readonly name?: string;
      /**
       * `rfc9440`: DER in base64 between colons. `url-encoded-pem`: nginx's `$ssl_client_escaped_cert`. `xfcc`: the
       * `Cert` of Envoy's `x-forwarded-client-cert`, of which there must be one element, as `SANITIZE_SET` makes
       * it. Default `rfc9440`.
       */
      readonly format?: 'rfc9440' | 'url-encoded-pem' | 'xfcc';
    };

/** Finds the client's certificate as DER; `undefined` where there is none or it cannot be read. */
export type CertificateReader = (
  headers: RequestHeaders,
  fromSocket: Uint8Array | undefined,
) => Uint8Array | undefined;

const MAX_LENGTH = 16_384;

/**
 * Creates the reader of client certificates.
 *
 * Does not verify the certificate: whoever ends TLS did that, and a bound token names the very certificate.
 *
 * @throws TypeError naming the option and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-3 | RFC 8705 §3},
 *   {@link https://www.rfc-editor.org/rfc/rfc9440#section-2 | RFC 9440 §2}
 */
export function createCertificateReader(
  options: ClientCertificateOptions = { from: 'socket' },
): CertificateReader {
  assertKnownOptions(options, ['from', 'name', 'format'], 'clientCertificate');
  if (options.from === 'socket') {
    assertKnownOptions(options, ['from'], 'clientCertificate with from: "socket"');
    return (_, fromSocket) => fromSocket;
  }
  if (options.from !== 'header') throw new TypeError('clientCertificate.from must be "socket" or "header".');
  const { name = 'client-cert', format = 'rfc9440' } = options;
  if (!Object.hasOwn(DECODERS, format)) {
    throw new TypeError(`clientCertificate.format must be ${Object.keys(DECODERS).join(' or ')}.`);
  }
  if (typeof name !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new TypeError('clientCertificate.name must be the name of a header.');
  }
  const header = name.toLowerCase();
  const decode = DECODERS[format];
  return (headers) => {
    const value = headers[header];
    const values = value === undefined || typeof value === 'string' ? [value] : value;
    const [only] = values;
    // Two headers are a proxy's and somebody else's.
    if (only === undefined || values.length !== 1 || only.length > MAX_LENGTH) return undefined;
    try {
      return decode(only);
    } catch {
      return undefined;
    }
  };
}

const DECODERS: Readonly<
  Record<'rfc9440' | 'url-encoded-pem' | 'xfcc', (value: string) => Uint8Array | undefined>
> = {
  rfc9440: (value) => {
    const encoded = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1];
    return encoded === undefined ? undefined : decodeBase64(encoded);
  },
  'url-encoded-pem': (value) => decodePem(decodeURIComponent(value)),
  xfcc: (value) => {
    const encoded = readForwardedCertificate(value);
    return encoded === undefined ? undefined : decodePem(decodeURIComponent(encoded));
  },
};

function decodePem(pem: string): Uint8Array | undefined {
  const body = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1];
  return body === undefined ? undefined : decodeBase64(body.replace(/\s/g, ''));
}

function decodeBase64(text: string): Uint8Array {
  return base64url.decode(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'));
}

const thumbprints = new WeakMap<Uint8Array, Promise<string>>();

/** The SHA-256 thumbprint of a certificate, as `x5t#S256` has it. Computed once for one array. */
export function thumbprintOf(der: Uint8Array): Promise<string> {
  let thumbprint = thumbprints.get(der);
  if (thumbprint === undefined) {
    thumbprint = crypto.subtle
      .digest('SHA-256', Uint8Array.from(der))
      .then((digest) => base64url.encode(new Uint8Array(digest)));
    thumbprints.set(der, thumbprint);
  }
  return thumbprint;
}
