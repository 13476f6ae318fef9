/**
 * Why an operation of the authorization server could not be done.
 *
 * - `client_exists`: a client with that id is registered already
 * - `database_in_use`: another process serves from the same database file
 * - `database_key_mismatch`: the database was written under another `secretKey`
 * - `database_newer`: the database was written by a newer version of this package
 * - `database_unusable`: the file cannot be opened or is not such a database
 */
export type AuthorizationServerErrorCode =
  'client_exists' | 'database_in_use' | 'database_key_mismatch' | 'database_newer' | 'database_unusable';

/** What goes wrong outside a request, with a stable `code`; never carries a secret, key or token. */
export class AuthorizationServerError extends Error {
  readonly code: AuthorizationServerErrorCode;

  constructor(code: AuthorizationServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthorizationServerError';
    this.code = code;
  }
}
