/**
 * A public key as a JSON Web Key; a private member makes it a private key and is refused.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517 | RFC 7517}
 */
export interface PublicJwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}
