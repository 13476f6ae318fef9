import { expect, it } from 'vitest';
import { assertKnownOptions } from '../src/known-options.ts';

const known = ['resource', 'authorizationServers', 'access'];

it('takes known options in any number', () => {
  expect(() => assertKnownOptions({}, known, 'mcpAuth')).not.toThrow();
  expect(() => assertKnownOptions({ resource: 1, access: undefined }, known, 'mcpAuth')).not.toThrow();
});

it.each([
  [{ resorce: 1 }, 'mcpAuth: unknown option "resorce", did you mean "resource"? Known options:'],
  [{ authorizationservers: 1 }, 'did you mean "authorizationServers"?'],
  [{ acces: undefined }, 'did you mean "access"?'],
  [
    { somethingElse: 1 },
    'mcpAuth: unknown option "somethingElse". Known options: resource, authorizationServers, access.',
  ],
  [JSON.parse('{"__proto__":1}') as object, 'unknown option "__proto__"'],
])('refuses %j', (options, message) => {
  expect(() => assertKnownOptions(options, known, 'mcpAuth')).toThrow(TypeError);
  expect(() => assertKnownOptions(options, known, 'mcpAuth')).toThrow(message);
});

it.each([undefined, null, 'text', 7, []])('refuses %j instead of an object', (options) => {
  expect(() => assertKnownOptions(options, known, 'mcpAuth')).toThrow(
    /^mcpAuth takes an object with the options resource/,
  );
});
