import { createSecureContext, type SecureContext } from 'node:tls';
import { sanitizeText } from '../../printable-text.ts';
import { NodeFetchError } from './node-fetch-error.ts';

/** One PEM text, which may hold several certificates. */
export type Pem = string | Uint8Array;

/** What a client proves itself with in TLS: a certificate, with the chain above it if need be, and its key. */
export interface NodeFetchCertificate {
  readonly cert: Pem;
  readonly key: Pem;
}

/** Where certificates come from; a function is called for every new connection. */
export interface TlsIdentityOptions {
  readonly certificate?: NodeFetchCertificate | ReadCertificate | undefined;
  readonly ca?: Pem | ReadCa | undefined;
}

/** Reads the client certificate and its key now. */
export type ReadCertificate = () => NodeFetchCertificate | Promise<NodeFetchCertificate>;

/** Reads the certificates of the authorities that servers are verified by, now. */
export type ReadCa = () => Pem | Promise<Pem>;

/** Gives what a new TLS connection is made with. */
export interface TlsIdentity {
  /**
   * Called anew for every connection; answers with the very same context while nothing has changed.
   *
   * @throws NodeFetchError `certificate_unusable`
   */
  readonly current: () => Promise<SecureContext>;
}

interface Material {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

/** Creates the reader of a client's certificates. Checks no certificate's dates: the server does. */
export function createTlsIdentity({ certificate, ca }: TlsIdentityOptions): TlsIdentity {
  let known: { readonly material: Material; readonly context: SecureContext } | undefined;

  const read = async (): Promise<Material> => {
    try {
      const identity = typeof certificate === 'function' ? await certificate() : certificate;
      const authorities = typeof ca === 'function' ? await ca() : ca;
      return {
        cert: textOf(identity?.cert, certificate),
        key: textOf(identity?.key, certificate),
        ca: textOf(authorities, ca),
      };
    } catch (error) {
      throw unusable('could not be read', error);
    }
  };
  const load = async (): Promise<SecureContext> => {
    const material = await read();
    if (known !== undefined && isSame(known.material, material)) return known.context;
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(material.cert === undefined ? {} : { cert: material.cert }),
      ...(material.key === undefined ? {} : { key: material.key }),
      ...(material.ca === undefined ? {} : { ca: material.ca }),
    });
    known = { material, context };
    return context;
  };
  return {
    current: async () => {
      try {
        // Between two files that are replaced one after the other, the certificate is of one pair and the key of
        // the other for a moment.
        return await load().catch((error: unknown) => {
          if (typeof certificate !== 'function' || error instanceof NodeFetchError) throw error;
          return load();
        });
      } catch (error) {
        throw error instanceof NodeFetchError ? error : unusable('cannot be used', error);
      }
    },
  };
}

function isSame(one: Material, other: Material): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}

function textOf(pem: unknown, source: unknown): string | undefined {
  if (pem === undefined && source === undefined) return undefined;
  const text = pem instanceof Uint8Array ? Buffer.from(pem).toString('latin1') : pem;
  // An empty text would be taken for none at all: no certificate, or the usual authorities.
  if (typeof text !== 'string' || !text.includes('-----BEGIN ')) {
    throw Object.assign(new Error('no PEM'), { code: 'no PEM text' });
  }
  return text;
}

/** Of what went wrong its code alone: the message of a foreign error may hold what was read. */
function unusable(what: string, error: unknown): NodeFetchError {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  const shown = typeof code === 'string' ? code : typeof name === 'string' ? name : typeof error;
  return new NodeFetchError(
    'certificate_unusable',
    `The client's certificate, its key or the authorities' certificates (options certificate and ca) ${what}: ${sanitizeText(shown, 60)}.`,
  );
}
