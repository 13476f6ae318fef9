import type { SigningKey } from '@mcp-m2m/testing';
import { KeyObject, sign } from 'node:crypto';

/** Makes a minimal X.509 certificate (version 1, in DER) for an ES256 key, signed with that same key. */
export function selfSignedCertificate({ privateKey, publicKey }: SigningKey): Buffer {
  const name = sequence(
    element(0x31, sequence(OBJECT_ID_COMMON_NAME, element(0x0c, Buffer.from('attacker')))),
  );
  const validity = sequence(
    element(0x17, Buffer.from('250101000000Z')),
    element(0x17, Buffer.from('491231235959Z')),
  );
  const subjectPublicKey = KeyObject.from(publicKey).export({ type: 'spki', format: 'der' });
  const body = sequence(
    element(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    subjectPublicKey,
  );
  const signature = sign('sha256', body, KeyObject.from(privateKey));
  return sequence(body, ECDSA_WITH_SHA256, element(0x03, Buffer.from([0]), signature));
}

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const encodedLength =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...encodedLength]), content]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return element(0x30, ...contents);
}

const OBJECT_ID_COMMON_NAME = element(0x06, Buffer.from('550403', 'hex'));
const ECDSA_WITH_SHA256 = sequence(element(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
