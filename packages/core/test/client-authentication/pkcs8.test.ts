import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { privateKeyJwt } from '../../src/client/index.ts';
import { readPkcs8 } from '../../src/client-authentication/pkcs8.ts';
import { prove } from './token-request.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const certificate = '-----BEGIN CERTIFICATE-----\nQ0FOQVJZ\n-----END CERTIFICATE-----\n';

describe('PKCS #8 in PEM', () => {
  it.each([
    ['as it is exported', pem],
    ['without a line break at its end', pem.trimEnd()],
    ['with the line breaks of Windows', pem.replaceAll('\n', '\r\n')],
    ['with line breaks written as two characters', pem.replaceAll('\n', String.raw`\n`)],
    ['after a certificate', certificate + pem],
    ['before a certificate', pem + certificate],
    ['after the attributes that openssl pkcs12 writes', `Bag Attributes\n    localKeyID: 01\n${pem}`],
    [
      'after the parameters of its curve',
      `-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n${pem}`,
    ],
  ])('signs %s', async (_, key) => {
    const { assertion } = await prove(privateKeyJwt({ key, algorithm: 'ES256' }));
    await expect(jwtVerify(assertion, publicKey)).resolves.toBeDefined();
  });

  it.each([
    ['OPENSSH PRIVATE KEY', /openssl genpkey/],
    ['RSA PRIVATE KEY', /openssl pkcs8 -topk8/],
    ['CERTIFICATE', /the private key is needed/],
    ['PRIVATE KEY', /cut short/],
    ['DSA PARAMETERS', /must be PKCS #8 in PEM/],
  ])('is told apart from %s without its counterpart', (label, message) => {
    expect(() => readPkcs8(`-----BEGIN ${label}-----\nQ0FOQVJZ`)).toThrow(message);
  });

  it('names the nearest to a private key of what is there instead', () => {
    const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }) as string;
    expect(() => readPkcs8(certificate + sec1)).toThrow(/"EC PRIVATE KEY"; convert it/);
  });

  it('S4: shows nothing of a text that is none, whatever the text', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/).map((text) => `canary${text}`);
    fc.assert(
      fc.property(word, fc.constantFrom('', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----'), (text, before) => {
        let message = '';
        try {
          readPkcs8(before + text);
        } catch (error) {
          message = String(error);
        }
        expect(message).toMatch(/^TypeError: key/);
        expect(message).not.toContain(text);
      }),
    );
  });
});
