import { env } from 'node:process';
import { ClientSecretError } from '../../client-authentication/client-secret.ts';
import { withoutLineBreak } from './line-break.ts';

/**
 * Reads a client secret, or a private key in PEM, from an environment variable at each use. One line break at its
 * end is dropped.
 *
 * To be given as `clientSecret` or `key`. Whoever may read the environment of the process may read the secret; a
 * file is the better place, and one that can be rotated.
 *
 * @param name - the variable's name, not its value: it is shown in errors
 * @returns a function that throws ClientSecretError, naming the variable, where it is not set or empty
 * @throws TypeError for what is no name
 */
export function secretFromEnvironment(name: string): () => string {
  if (typeof name !== 'string' || !/^[A-Za-z_]\w{0,127}$/.test(name)) {
    // It may be the secret.
    throw new TypeError(
      'secretFromEnvironment takes the name of an environment variable (letters, digits and "_"), not its value.',
    );
  }
  return () => {
    const value = env[name];
    if (value === undefined) {
      throw new ClientSecretError(
        `secretFromEnvironment: ${name} is not set. Set it where the process is started, and restart the process.`,
      );
    }
    const secret = withoutLineBreak(value);
    if (secret === '') {
      throw new ClientSecretError(
        `secretFromEnvironment: ${name} is empty. Give it a value where the process is started, and restart the process.`,
      );
    }
    return secret;
  };
}
