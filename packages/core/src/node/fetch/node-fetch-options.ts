import { assertKnownOptions } from '../../known-options.ts';
import { kindOf } from '../../printable-text.ts';
import type { Lookup } from './judged-addresses.ts';
import type { NodeFetchCertificate, Pem, ReadCa, ReadCertificate } from './tls-identity.ts';

/** Options of `createNodeFetch`. */
export interface NodeFetchOptions {
  /** Permits connections to this machine, `127.0.0.0/8` and `::1`, over http too. Default false. */
  readonly allowLoopback?: boolean | undefined;
  /** Permits connections into these networks, over http too, for example `['10.0.0.0/8']`. Default: none. */
  readonly allowedNetworks?: readonly string[] | undefined;
  /**
   * The client certificate and its key in PEM, for every server that asks for one; or a function that is called
   * for every new connection, so that a rotated one is used without restart.
   */
  readonly certificate?: NodeFetchCertificate | ReadCertificate | undefined;
  /**
   * Certificates in PEM of the authorities that servers are verified by, instead of the well-known ones; or a
   * function that is called for every new connection.
   */
  readonly ca?: Pem | ReadCa | undefined;
  /** Bound on name, connection and TLS handshake together, in milliseconds. Default 10,000. */
  readonly connectTimeoutMilliseconds?: number | undefined;
  /** Bound on the wait for an answer's head once the request is sent, in milliseconds. Default 300,000. */
  readonly headersTimeoutMilliseconds?: number | undefined;
  /** Resolves names. What it answers is judged like any answer. Default: `dns.lookup`. */
  readonly lookup?: Lookup | undefined;
}

/** Validated options. */
export interface NodeFetchSettings {
  readonly allowLoopback: boolean;
  readonly allowedNetworks: readonly string[];
  readonly certificate: NodeFetchCertificate | ReadCertificate | undefined;
  readonly ca: Pem | ReadCa | undefined;
  readonly connectTimeoutMilliseconds: number;
  readonly headersTimeoutMilliseconds: number;
  readonly lookup: Lookup | undefined;
}

const OPTION_NAMES: readonly (keyof NodeFetchOptions)[] = [
  'allowLoopback',
  'allowedNetworks',
  'certificate',
  'ca',
  'connectTimeoutMilliseconds',
  'headersTimeoutMilliseconds',
  'lookup',
];

/**
 * Validates the options; the networks themselves are read where they are used.
 *
 * @throws TypeError naming the option and the mend
 */
export function readNodeFetchOptions(options: NodeFetchOptions): NodeFetchSettings {
  assertKnownOptions(options, OPTION_NAMES, 'createNodeFetch');
  const { allowLoopback = false, allowedNetworks = [], certificate, ca, lookup } = options;
  if (typeof allowLoopback !== 'boolean') throw new TypeError('allowLoopback must be true or false.');
  if (!Array.isArray(allowedNetworks) || allowedNetworks.some((network) => typeof network !== 'string')) {
    throw new TypeError('allowedNetworks must be a list of networks such as ["10.0.0.0/8"].');
  }
  if (certificate !== undefined && typeof certificate !== 'function') {
    assertKnownOptions(certificate, ['cert', 'key'], 'certificate');
    assertPem(certificate.cert, 'certificate.cert');
    assertPem(certificate.key, 'certificate.key');
  }
  if (ca !== undefined && typeof ca !== 'function') assertPem(ca, 'ca');
  if (lookup !== undefined && typeof lookup !== 'function') {
    throw new TypeError('lookup must be a function like dns.lookup; leave it out for that one.');
  }
  return {
    allowLoopback,
    allowedNetworks: [...(allowedNetworks as readonly string[])],
    certificate: typeof certificate === 'object' ? { ...certificate } : certificate,
    ca,
    connectTimeoutMilliseconds: readMilliseconds(options, 'connectTimeoutMilliseconds', 10_000),
    headersTimeoutMilliseconds: readMilliseconds(options, 'headersTimeoutMilliseconds', 300_000),
    lookup,
  };
}

function assertPem(value: unknown, option: string): void {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  if (typeof text === 'string' && text.includes('-----BEGIN ')) return;
  throw new TypeError(
    `${option} must be PEM text, which begins with "-----BEGIN …" (the content of a file, not its path), received ${kindOf(value)}.`,
  );
}

function readMilliseconds(
  options: NodeFetchOptions,
  name: 'connectTimeoutMilliseconds' | 'headersTimeoutMilliseconds',
  fallback: number,
): number {
  const value = options[name] ?? fallback;
  // Timers count in 32 bits.
  if (Number.isInteger(value) && value >= 1 && value <= 0x7fffffff) return value;
  throw new TypeError(
    `${name} must be a whole number of milliseconds, at least 1; ${fallback} is the default.`,
  );
}
