import type { AssertionSource } from '../../client/grants/assertion-source.ts';
import { createFileSource } from './file-source.ts';
import { assertSourceOptions, type AssertionSourceOptions } from './source-options.ts';

/**
 * A JWT from any file that somebody keeps current. Read at every use, through whatever links lead to it then.
 *
 * A file of at most 64 KiB with the JWT and nothing else but white space around it. An expired one, and one for
 * another audience, is not sent.
 *
 * @param path - the file; a relative path counts from the working directory of the process
 * @throws TypeError for a wrong option
 */
export function assertionFromFile(path: string, options: AssertionSourceOptions = {}): AssertionSource {
  assertSourceOptions(options, ['audience'], 'assertionFromFile');
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new TypeError('path must be a non-empty string: the file that holds the assertion.');
  }
  const { audience } = options;
  return createFileSource({
    name: 'assertion file',
    locate: () => path,
    audienceFor: (request) => audience ?? request.audience,
    fileHint: 'Check the path, and whether whoever writes the file has started.',
    audienceHint:
      'Have the token made for this audience, or name in the option audience the one that the authorization server demands.',
  });
}
