import { describe, expect, it } from 'vitest';
import { createRecordSeal, createVersion } from '../../../src/client/store/record-seal.ts';

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
const TEXT = '{"token":"ü"}';

describe('a record seal', () => {
  it('opens what it has sealed, and shows nothing of it', async () => {
    const seal = createRecordSeal(NEW);
    const version = createVersion();
    const sealed = await seal.seal(TEXT, version, 'here');
    expect(sealed).toMatch(/^[\w-]{8}\.[\w-]+$/);
    expect(sealed).not.toContain('token');
    expect(await seal.open(sealed, version, 'here')).toBe(TEXT);
  });

  it('takes a key as bytes and as Base64 in either alphabet, with or without padding', async () => {
    const key = new Uint8Array(32).fill(0xfb);
    const base64 = Buffer.from(key).toString('base64');
    const version = createVersion();
    const sealed = await createRecordSeal(key).seal(TEXT, version, 'here');
    for (const text of [base64, base64.replace('=', ''), Buffer.from(key).toString('base64url')]) {
      expect(await createRecordSeal(text).open(sealed, version, 'here')).toBe(TEXT);
    }
  });

  it('opens with any of its keys, and seals with the first', async () => {
    const version = createVersion();
    const rotating = createRecordSeal([NEW, OLD]);
    const before = await createRecordSeal(OLD).seal(TEXT, version, 'here');
    expect(await rotating.open(before, version, 'here')).toBe(TEXT);
    const after = await rotating.seal(TEXT, version, 'here');
    expect(await createRecordSeal(NEW).open(after, version, 'here')).toBe(TEXT);
    expect(await createRecordSeal(OLD).open(after, version, 'here')).toBeUndefined();
  });

  it('opens nothing that stands elsewhere, has another version, or was touched', async () => {
    const seal = createRecordSeal([NEW, OLD]);
    const version = createVersion();
    const sealed = await seal.seal(TEXT, version, 'here');
    const [id = '', text = ''] = sealed.split('.');
    const otherId = (await createRecordSeal(OLD).seal(TEXT, version, 'here')).split('.')[0];
    expect(await seal.open(sealed, version, 'there')).toBeUndefined();
    expect(await seal.open(sealed, createVersion(), 'here')).toBeUndefined();
    expect(await seal.open(`${otherId}.${text}`, version, 'here')).toBeUndefined();
    for (const touched of [text.slice(1), text.slice(0, -2), `A${text}`, `${text}AA`, '', '%', 'AAAA']) {
      expect(await seal.open(`${id}.${touched}`, version, 'here')).toBeUndefined();
    }
  });

  it('with a key, opens nothing unencrypted; without one, nothing encrypted', async () => {
    const version = createVersion();
    const plain = await createRecordSeal(undefined).seal(TEXT, version, 'here');
    expect(await createRecordSeal(undefined).open(plain, version, 'here')).toBe(TEXT);
    expect(await createRecordSeal(NEW).open(plain, version, 'here')).toBeUndefined();
    const sealed = await createRecordSeal(NEW).seal(TEXT, version, 'here');
    expect(await createRecordSeal(undefined).open(sealed, version, 'here')).toBeUndefined();
  });

  it('never gives a version twice', () => {
    const versions = Array.from({ length: 10_000 }, createVersion);
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.every((version) => /^[\w-]{16}$/.test(version))).toBe(true);
  });

  it.each([
    ['a password', 'correct horse battery staple'],
    ['16 bytes', new Uint8Array(16)],
    ['an empty list', []],
    ['a list with a gap', [NEW, undefined]],
    ['null', null],
    ['hexadecimal', 'ab'.repeat(32)],
  ])('refuses %s as a key, and does not show it', (_, keys) => {
    const refusal = expect.objectContaining({
      name: 'TypeError',
      message: expect.stringMatching(/^encryptionKey must (?!.*(?:horse|abab))/) as string,
    }) as Error;
    expect(() => createRecordSeal(keys)).toThrow(refusal);
  });
});
