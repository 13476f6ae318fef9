/**
 * Finds the PKCS #8 key in PEM that may hold more: a certificate beside it, attributes before it.
 *
 * Does not decode it. No message holds any part of the text.
 *
 * @throws TypeError naming what it is instead, and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc7468#section-10 | RFC 7468 §10}
 */
export function readPkcs8(text: string): string {
  // In an environment variable line breaks are often written as two characters, which Base64 never has.
  const pem = text.replaceAll('\\n', '\n');
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(pem)?.[0];
  if (key !== undefined) return key;
  const labels = new Set(
    Array.from(pem.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g), ([, label]) => label),
  );
  const found = Object.keys(OTHER_PEM).find((label) => labels.has(label));
  if (found !== undefined) throw new TypeError(`key is PEM of the kind "${found}"; ${OTHER_PEM[found]}`);
  throw new TypeError(
    labels.has('PRIVATE KEY')
      ? 'key is PEM cut short: "-----END PRIVATE KEY-----" is missing.'
      : 'key, as a string, must be PKCS #8 in PEM ("-----BEGIN PRIVATE KEY-----…"); read a file before passing it.',
  );
}

const CONVERT = 'convert it to PKCS #8 with: openssl pkcs8 -topk8 -nocrypt -in key.pem';
/** What else PEM may hold, and the mend; the nearest to a private key first. */
const OTHER_PEM: Readonly<Record<string, string>> = {
  'ENCRYPTED PRIVATE KEY': 'decrypt it first with: openssl pkcs8 -in key.pem',
  'EC PRIVATE KEY': CONVERT,
  'RSA PRIVATE KEY': CONVERT,
  'OPENSSH PRIVATE KEY': 'make a key with: openssl genpkey',
  'PUBLIC KEY': 'the private key is needed to sign.',
  CERTIFICATE: 'the private key is needed to sign.',
};
