import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate made for a test, and its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, as Node.js writes it. */
  readonly fingerprint: string;
}

/**
 * Makes a self-signed X.509 certificate for ES256, for a TLS server or a client that authenticates by one.
 *
 * Trusted by nobody until it is passed as `ca`.
 *
 * @param hosts - the DNS names and IPv4 addresses it is for
 */
export function createTestCertificate(...hosts: readonly string[]): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // Certificates that are trusted side by side are told apart by their names.
  const commonName = Buffer.from(`test ${randomBytes(8).toString('hex')}`);
  const name = sequence(element(0x31, sequence(objectId('550403'), element(0x0c, commonName))));
  const validity = sequence(utcTime('250101000000Z'), utcTime('491231235959Z'));
  const alternativeNames = sequence(
    ...hosts.map((host) =>
      isIPv4(host)
        ? element(0x87, Buffer.from(host.split('.').map(Number)))
        : element(0x82, Buffer.from(host)),
    ),
  );
  const body = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(sequence(objectId('551d11'), element(0x04, alternativeNames)))),
  );
  const signature = element(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const certificate = new X509Certificate(sequence(body, ECDSA_WITH_SHA256, signature));
  return {
    cert: certificate.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    fingerprint: certificate.fingerprint256,
  };
}

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return element(0x30, ...contents);
}

function objectId(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}

function utcTime(text: string): Buffer {
  return element(0x17, Buffer.from(text));
}

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
