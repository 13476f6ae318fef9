const SEPARATOR = '|';

/**
 * The subject of tokens for somebody whom another issuer names: that issuer and its name, so that the subjects of
 * two issuers never coincide, nor one of them with a client of this server, whose ids have no such character.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-5 | RFC 9068 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.15 | RFC 9700 §4.15}
 */
export function subjectOf(issuer: string, subject: string): string {
  return issuer + SEPARATOR + subject;
}

/** Tells whether a subject is a client of this server. */
export function isClientSubject(subject: string): boolean {
  return !subject.includes(SEPARATOR);
}
