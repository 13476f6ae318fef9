import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import { assertKnownOptions, printable } from '@mcp-m2m/core';

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to listen for token requests, and whether with TLS. */
export interface ListenAddress extends Address {
  readonly tls: TlsFiles | undefined;
}

/** The files of a certificate, in PEM. */
export interface TlsFiles {
  /** With the certificates of whoever issued it. */
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

/** What TLS is spoken with. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const MEMBERS = ['host', 'port', 'certificateFile', 'privateKeyFile'];

/**
 * Validates `listen`; loopback, port 4000, without TLS unless told otherwise.
 *
 * @throws TypeError naming the member and the mend
 */
export function parseListenAddress(value: unknown = {}): ListenAddress {
  assertKnownOptions(value, MEMBERS, 'listen');
  const { certificateFile, privateKeyFile, ...address } = value as Record<string, unknown>;
  const { host, port } = parseAddress(address, 'listen', 4000);
  if (certificateFile === undefined && privateKeyFile === undefined) return { host, port, tls: undefined };
  if (typeof certificateFile !== 'string' || typeof privateKeyFile !== 'string') {
    throw new TypeError('listen.certificateFile and listen.privateKeyFile must both name a file in PEM.');
  }
  const tls = { certificateFile, privateKeyFile };
  readTlsMaterial(tls);
  return { host, port, tls };
}

/** Validates where to listen. */
export function parseAddress(value: unknown, option: string, standardPort: number): Address {
  assertKnownOptions(value, ['host', 'port'], option);
  const { host = '127.0.0.1', port = standardPort } = value as Record<string, unknown>;
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`${option}.host must be an address or a host name, received ${printable(host)}.`);
  }
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(
      `${option}.port must be a whole number from 0 to 65535, received ${printable(port)}.`,
    );
  }
  return { host, port };
}

/**
 * Reads certificate and private key.
 *
 * @throws TypeError when they cannot be read, or do not belong together; never shows the key
 */
export function readTlsMaterial({ certificateFile, privateKeyFile }: TlsFiles): TlsMaterial {
  const material = {
    cert: readPem(certificateFile, 'listen.certificateFile'),
    key: readPem(privateKeyFile, 'listen.privateKeyFile'),
  };
  try {
    createSecureContext(material);
  } catch {
    throw new TypeError(
      'listen.certificateFile and listen.privateKeyFile must hold a certificate and its private key, in PEM and without a passphrase.',
    );
  }
  return material;
}

function readPem(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TypeError(`${option} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
