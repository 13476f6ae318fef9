import { randomBytes } from 'node:crypto';

import { isClientSecret } from './client-secret.ts';

const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;

/** Tells whether a text has the form of a client id, so that it may be shown. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text) && !isClientSecret(text);
}

/** Makes up a client id. */
export function generateClientId(): string {
  return `m2m-${randomBytes(12).toString('hex')}`;
}

/**
 * Validates a client id.
 *
 * Only characters that need no encoding anywhere are allowed, because clients encode the user part of
 * HTTP Basic in different ways.
 *
 * @throws TypeError when it has another form
 */
export function parseClientId(value: unknown): string {
  if (typeof value !== 'string' || !isClientId(value)) {
    throw new TypeError(
      'clientId must be 1 to 128 letters, digits and ". _ ~ -", beginning with a letter or digit; leave it out to have one made.',
    );
  }
  return value;
}
