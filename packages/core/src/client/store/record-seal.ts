import { base64url, type CryptoKey } from 'jose';

/** 32 random bytes, or their Base64 (`openssl rand -base64 32`). */
export type TokenEncryptionKey = string | Uint8Array;

/** How the text of a record is written into a store that others can read or write. */
export interface RecordSeal {
  /** @param place - where it will stand; it opens nowhere else */
  seal(text: string, version: string, place: string): Promise<string>;
  /** @returns the text, or `undefined` when it was not sealed with one of our keys for this place */
  open(sealed: string, version: string, place: string): Promise<string | undefined>;
}

/** A version is the nonce of its encryption as well: both must never come again. */
export function createVersion(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(12)));
}

const PLAIN: RecordSeal = {
  seal: async (text) => `plain.${text}`,
  open: async (sealed) => (sealed.startsWith('plain.') ? sealed.slice('plain.'.length) : undefined),
};

/**
 * Seals records with AES-256-GCM: the first key seals, all of them open, and each sealed text names its key. Without
 * keys, records are written as they are.
 *
 * With keys, what is not encrypted does not open. An old record put back into its own place does.
 *
 * @throws TypeError for anything that is not 32 bytes
 * @see {@link https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf | NIST SP 800-38D}
 */
export function createRecordSeal(keys: unknown): RecordSeal {
  if (keys === undefined) return PLAIN;
  const [first, ...others] = (Array.isArray(keys) ? keys : [keys]).map(readKey);
  if (first === undefined) {
    throw new TypeError('encryptionKey must not be an empty list; leave it out to store tokens unencrypted.');
  }
  // Prepared at the first use; a failure is that use's.
  let prepared: Promise<SealingKeys> | undefined;
  const sealingKeys = () => (prepared ??= prepareKeys(first, others));
  return {
    async seal(text, version, place) {
      const { id, key } = (await sealingKeys()).current;
      const bytes = await crypto.subtle.encrypt(parameters(id, version, place), key, encode(text));
      return `${id}.${base64url.encode(new Uint8Array(bytes))}`;
    },
    async open(sealed, version, place) {
      const [id = '', text = ''] = sealed.split('.', 2);
      const key = (await sealingKeys()).byId.get(id);
      if (key === undefined) return undefined;
      try {
        const bytes = new Uint8Array(base64url.decode(text));
        return new TextDecoder().decode(
          await crypto.subtle.decrypt(parameters(id, version, place), key, bytes),
        );
      } catch {
        return undefined;
      }
    },
  };
}

interface SealingKeys {
  readonly current: { readonly id: string; readonly key: CryptoKey };
  readonly byId: ReadonlyMap<string, CryptoKey>;
}

async function prepareKeys(
  first: Uint8Array<ArrayBuffer>,
  others: readonly Uint8Array<ArrayBuffer>[],
): Promise<SealingKeys> {
  const current = await importKey(first);
  const all = [current, ...(await Promise.all(others.map(importKey)))];
  return { current, byId: new Map(all.map(({ id, key }) => [id, key])) };
}

async function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<SealingKeys['current']> {
  const label = encode('mcp-m2m token store key');
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array([...label, ...bytes]));
  return {
    id: base64url.encode(new Uint8Array(digest).subarray(0, 6)),
    key: await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),
  };
}

function parameters(id: string, version: string, place: string) {
  return {
    name: 'AES-GCM',
    iv: new Uint8Array(base64url.decode(version)),
    additionalData: encode(`${id}.${version}.${place}`),
  };
}

function readKey(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array && value.length === 32) return new Uint8Array(value);
  const text =
    typeof value === 'string' ? value.replace(/=$/, '').replaceAll('+', '-').replaceAll('/', '_') : '';
  if (!/^[\w-]{43}$/.test(text)) {
    throw new TypeError(
      'encryptionKey must be 32 random bytes, or their Base64 (make one with `openssl rand -base64 32`), or a list of such keys, the current one first.',
    );
  }
  return new Uint8Array(base64url.decode(text));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}
