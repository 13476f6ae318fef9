import { resolve } from 'node:path';
import { platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ClientSecretError } from '../../client-authentication/client-secret.ts';
import { assertKnownOptions } from '../../known-options.ts';
import { sanitizeText } from '../../printable-text.ts';
import { withoutLineBreak } from './line-break.ts';
import { readSecretFile, SecretFileError } from './secret-file.ts';

/** Options of {@link secretFromFile}. */
export interface SecretFromFileOptions {
  /**
   * Refuses a file that others than its owner may read or write. Default false, as files mounted by Kubernetes can be
   * read by all in their container unless `defaultMode` says otherwise. Not on Windows, where modes tell nothing.
   */
  readonly ownerOnly?: boolean | undefined;
}

/**
 * Reads a client secret, or a private key in PEM, from a file at each use: a new one is used without a restart. One
 * line break at its end is dropped.
 *
 * To be given as `clientSecret` or `key`. The file is UTF-8, at most 64 KiB, and may be a symbolic link. Who may read
 * it is not checked unless `ownerOnly` is set. Replace it as a whole (write beside it, then rename): one that is
 * overwritten in place may be read half written.
 *
 * @param path - where the file is, relative to the current directory of this call; it need not be there yet
 * @returns a function that rejects with ClientSecretError: which file, what is wrong with it and what to do, never
 *   what is in it
 * @throws TypeError for what is no path, or unknown options
 */
export function secretFromFile(
  path: string | URL,
  options: SecretFromFileOptions = {},
): () => Promise<string> {
  assertKnownOptions(options, ['ownerOnly'], 'secretFromFile');
  const { ownerOnly = false } = options;
  if (typeof ownerOnly !== 'boolean') throw new TypeError('secretFromFile: ownerOnly must be true or false.');
  if (ownerOnly && platform === 'win32') {
    throw new TypeError('secretFromFile: ownerOnly cannot be judged on Windows; leave it out.');
  }
  const file = resolvePath(path);
  return async () => {
    try {
      const secret = withoutLineBreak(await readSecretFile(file, ownerOnly));
      if (secret === '') throw new SecretFileError('is empty. Write the secret into it.');
      return secret;
    } catch (error) {
      if (!(error instanceof SecretFileError)) throw error;
      throw new ClientSecretError(`secretFromFile: ${sanitizeText(file, 1000)} ${error.message}`);
    }
  };
}

/** No file system has them. */
const HAS_LONG_NAME = /[^\\/]{256}/;

function resolvePath(path: string | URL): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  if (typeof path === 'string' && /^[^\0\r\n]+$/.test(path) && !HAS_LONG_NAME.test(path))
    return resolve(path);
  // It may be the secret.
  throw new TypeError(
    'secretFromFile takes the path of a file, or its URL with file:, not the secret itself.',
  );
}
