import type { AssertionRequest, AssertionSource } from '../../client/grants/assertion-source.ts';
import { sanitizeText } from '../../printable-text.ts';
import { acceptAssertion } from './acceptable-assertion.ts';
import { readTokenFile } from './token-file.ts';

/** Where a platform keeps a token, and for whom it makes it. */
export interface TokenFile {
  /** Name of the source. */
  readonly name: string;
  /** Finds the path, at every use. */
  readonly locate: () => string;
  /** The audience that the token has to have. */
  readonly audienceFor: (request: AssertionRequest) => string;
  /** What a person can do where there is no such file. */
  readonly fileHint: string;
  /** What a person can do where the token is for another audience. */
  readonly audienceHint: string;
  /** The subject that the token has to have, where that is known. */
  readonly subject?: string | undefined;
}

/** A source that reads a file at every use, as a platform replaces it before the token in it expires. */
export function createFileSource(file: TokenFile): AssertionSource {
  const { name, locate, audienceFor, fileHint, audienceHint, subject } = file;
  return {
    name,
    async getAssertion(request) {
      const path = locate();
      const text = await readTokenFile(name, path, fileHint, request.signal);
      const from = sanitizeText(path);
      const audience = audienceFor(request);
      return acceptAssertion(text, { source: name, from, audience, audienceHint, subject }, request);
    },
  };
}
