/**
 * Why an operation of the authorization server could not be done.
 *
 * - `authentication_method_mismatch`: the client proves itself in another way than the operation is about
 * - `backup_not_possible`: the file cannot be written, or the database is backed up by its own tools
 * - `bootstrap_file_exists`: there is a file already where the first administrator's credential was to go
 * - `client_exists`: a client with that id is registered already
 * - `database_in_use`: another process serves from the same database file
 * - `database_key_mismatch`: the database was written under another `secretKey`
 * - `database_newer`: the database was written by a newer version of this package
 * - `database_unusable`: the database cannot be opened or reached, or is not such a database
 * - `not_found`: what was to be changed is not there (any more)
 * - `nothing_to_rotate`: the client has no secret that is valid
 * - `resource_configured`: the resource is part of the configuration and is changed there
 * - `resource_exists`: a resource with that identifier is there already
 * - `resource_in_use`: clients may use the resource that was to be deleted
 * - `revision_mismatch`: it was changed since it was read
 * - `rotation_ended`: the date of the rotation has passed: the old secret cannot come back
 * - `rotation_not_started`: no rotation is under way
 * - `rotation_under_way`: a rotation is under way and has to be finished or cancelled first
 * - `signer_missing`: the current signing key is held by an external signer that was not passed
 * - `signing_key_external`: what was asked of a signing key is for its external signer to do
 * - `trusted_issuer_exists`: that issuer is trusted already
 * - `too_many_credentials`: the client has as many secrets or keys as it may have
 */
export type AuthorizationServerErrorCode =
  | 'authentication_method_mismatch'
  | 'backup_not_possible'
  | 'bootstrap_file_exists'
  | 'client_exists'
  | 'database_in_use'
  | 'database_key_mismatch'
  | 'database_newer'
  | 'database_unusable'
  | 'not_found'
  | 'nothing_to_rotate'
  | 'resource_configured'
  | 'resource_exists'
  | 'resource_in_use'
  | 'revision_mismatch'
  | 'rotation_ended'
  | 'rotation_not_started'
  | 'rotation_under_way'
  | 'signer_missing'
  | 'signing_key_external'
  | 'trusted_issuer_exists'
  | 'too_many_credentials';

/** What goes wrong outside a request, with a stable `code`; never carries a secret, key or token. */
export class AuthorizationServerError extends Error {
  readonly code: AuthorizationServerErrorCode;

  constructor(code: AuthorizationServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuthorizationServerError';
    this.code = code;
  }
}
