import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A certificate and its key in PEM, as `node:tls` takes them. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the certificate, as `getPeerCertificate().fingerprint256` shows it. */
  readonly fingerprint: string;
}

/** Makes a key and a certificate for 127.0.0.1 that it signs itself, valid for an hour around now. */
export function createSelfSignedCertificate(commonName: string): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const name = sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(commonName)))));
  const time = (offset: number) => {
    const digits = new Date(Date.now() + offset).toISOString().replace(/[-:T]|\.\d+/g, '');
    return element(0x18, Buffer.from(digits));
  };
  const address = sequence(element(0x87, Buffer.of(127, 0, 0, 1)));
  const subjectAltName = sequence(oid('551d11'), element(0x04, address));
  const content = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    element(0x02, Buffer.of(1)),
    algorithm,
    name,
    sequence(time(-1_800_000), time(1_800_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(subjectAltName)),
  );
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', content, privateKey)]);
  const der = sequence(content, algorithm, element(0x03, signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    fingerprint: (createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g) ?? []).join(':'),
  };
}

function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(elements));
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}
