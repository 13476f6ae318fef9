import * as fc from 'fast-check';
import type { SetMember } from './token-spec.ts';

/** Values of every JSON type, odd texts among them. */
export const oddJson = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-1', '7', '1.5', '1e400', '-1e400', '""', '" "', '[]', '{}'),
  fc.constantFrom(
    '[null]',
    '[[]]',
    '"\\ud800"',
    '{"a":1,"a":2}',
    '{"\\udc00":1}',
    '"ü"',
    '"\\u0000"',
    '"a b"',
  ),
  fc.nat(14).map((depth) => `${'['.repeat(depth)}1${']'.repeat(depth)}`),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
);

/** Names that no verifier looks at, those of every object's prototype among them. */
export const otherName = fc.oneof(
  fc.constantFrom('nonce', 'at_hash', 'azp', 'roles', '__proto__', 'constructor', 'toString', ''),
  fc.string({ maxLength: 6 }).filter((name) => !['cnf', 'act', 'status'].includes(name)),
);
/** Sets a member to one of these values, or leaves it out. */
export const setMember = (
  at: SetMember['at'],
  name: string,
  json: fc.Arbitrary<string>,
): fc.Arbitrary<SetMember> =>
  fc.record({
    at: fc.constant(at),
    set: fc.constant(name),
    json: fc.option(json, { nil: undefined, freq: 6 }),
  });
