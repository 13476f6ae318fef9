import { claimInvalid } from './claim-failure.ts';

/**
 * Reads the chain of actors out of the claim `act`, the current actor first.
 *
 * @throws VerificationFailure `claim_invalid` for an actor that is not an object
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-4.1 | RFC 8693 §4.1}
 */
export function readActors(act: unknown): readonly Readonly<Record<string, unknown>>[] {
  const actors: Readonly<Record<string, unknown>>[] = [];
  for (let current = act; current !== undefined;) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) {
      throw claimInvalid('act', 'an object', current);
    }
    const { act: inner, ...actor } = current as Readonly<Record<string, unknown>>;
    actors.push(Object.freeze(actor));
    current = inner;
  }
  return Object.freeze(actors);
}
