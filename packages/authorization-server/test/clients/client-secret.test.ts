import { createSecretKey, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import {
  CLIENT_SECRET_PATTERN,
  findMatchingSecret,
  generateClientSecret,
  isClientSecret,
  macOfSecret,
} from '../../src/clients/client-secret.ts';

describe('a client secret', () => {
  it('has a prefix, 256 random bits and a checksum that a scanner can verify', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const secrets = Array.from({ length: 200 }, generateClientSecret);
    expect(new Set(secrets).size).toBe(secrets.length);
    for (const secret of secrets) {
      expect(secret).toMatch(/^mcpm2m_[0-9A-Za-z]{49}$/);
      const sum = Array.from(secret.slice(-6), (digit) => digits.indexOf(digit)).reduce(
        (value, digit) => value * 62 + digit,
      );
      expect(sum).toBe(crc32(secret.slice(0, -6)));
      expect(isClientSecret(secret)).toBe(true);
    }
  });

  it('is found in any text, and a look-alike is told from it', () => {
    const secret = generateClientSecret();
    expect(new RegExp(CLIENT_SECRET_PATTERN).exec(`TOKEN="${secret}"\n`)?.[0]).toBe(secret);
    const other = secret.at(20) === 'a' ? 'b' : 'a';
    expect(isClientSecret(secret.slice(0, 20) + other + secret.slice(21))).toBe(false);
    expect(isClientSecret(secret.slice(0, -1))).toBe(false);
  });

  it('matches its own MAC under its own key alone', () => {
    const key = createSecretKey(randomBytes(32));
    const [secret, other] = [generateClientSecret(), generateClientSecret()];
    const [first, second] = [{ mac: macOfSecret(key, other) }, { mac: macOfSecret(key, secret) }];
    expect(findMatchingSecret(key, secret, [first, second])).toBe(second);
    expect(findMatchingSecret(key, generateClientSecret(), [first, second])).toBeUndefined();
    expect(findMatchingSecret(createSecretKey(randomBytes(32)), secret, [first, second])).toBeUndefined();
    expect(findMatchingSecret(key, secret, [])).toBeUndefined();
    expect(findMatchingSecret(key, secret, [{ mac: '' }, { mac: 'short' }])).toBeUndefined();
  });
});
