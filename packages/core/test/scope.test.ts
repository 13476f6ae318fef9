import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertScopes, isScopeToken, parseScope } from '../src/scope.ts';

describe('parseScope', () => {
  it.each<[unknown, string[] | undefined]>([
    ['', []],
    ['read', ['read']],
    ['read write read', ['read', 'write']],
    ['  read   write ', ['read', 'write']],
    ['READ read', ['READ', 'read']],
    ['api://x/.default', ['api://x/.default']],
    ['read\twrite', undefined],
    ['read\nwrite', undefined],
    ['re"ad', undefined],
    ['re\\ad', undefined],
    ['réad', undefined],
    [['read'], undefined],
    [7, undefined],
    [undefined, undefined],
  ])('reads %j', (value, scopes) => {
    expect(parseScope(value)).toEqual(scopes);
  });

  it('reads back any list of scopes', () => {
    const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
    fc.assert(
      fc.property(fc.uniqueArray(scope), (scopes) => {
        expect(parseScope(scopes.join(' '))).toEqual(scopes);
        expect(scopes.every(isScopeToken)).toBe(true);
      }),
    );
  });
});

describe('assertScopes', () => {
  it('takes a list of scopes', () => {
    expect(() => assertScopes(['a', 'b:c'], 'scopes')).not.toThrow();
    expect(() => assertScopes([], 'scopes')).not.toThrow();
  });

  it.each<[unknown, RegExp]>([
    ['a b', /^access\.scopes must be an array/],
    [undefined, /^access\.scopes must be an array/],
    [['a b'], /^access\.scopes contains "a b", which is not one scope/],
    [[''], /contains "", which is not one scope/],
    [[7], /contains 7, which is not one scope/],
  ])('refuses %j', (value, message) => {
    expect(() => assertScopes(value, 'access.scopes')).toThrow(TypeError);
    expect(() => assertScopes(value, 'access.scopes')).toThrow(message);
  });
});
