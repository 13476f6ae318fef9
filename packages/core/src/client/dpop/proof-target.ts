/** Where a request goes, as far as its proof is about it. */
export interface ProofTarget {
  /** The URL without query and fragment, spelt as the request spells it. */
  readonly htu: string;
  readonly origin: string;
}

/**
 * Reads what the proof of a request has to name. Spelt as the request line will be, so that servers that
 * compare without normalising agree too.
 *
 * @throws TypeError for what is no http or https URL, or has a user name in it
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2}
 */
export function readProofTarget(url: string | URL): ProofTarget {
  const parsed = url instanceof URL ? url : URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new TypeError('url must be an absolute http or https URL: a proof names where the request goes.');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError('url must not contain a user name or password; remove what stands before the "@".');
  }
  return { htu: parsed.origin + parsed.pathname, origin: parsed.origin };
}
