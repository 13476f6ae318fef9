import type { ClientOptions } from '@modelcontextprotocol/client';
import type { ClientOptions as ClientOptionsV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { expect, it } from 'vitest';
import { declareClientCredentials } from '../../../src/client/sdk/declare-client-credentials.ts';

const extensions = { 'io.modelcontextprotocol/oauth-client-credentials': {} };

it('what comes out is what both SDK lines take', () => {
  const options: ClientOptions = declareClientCredentials({ versionNegotiation: { mode: 'auto' } });
  const optionsV1: ClientOptionsV1 = declareClientCredentials({ capabilities: { roots: {} } });
  expect(options).toEqual({ versionNegotiation: { mode: 'auto' }, capabilities: { extensions } });
  expect(optionsV1).toEqual({ capabilities: { roots: {}, extensions } });
});

it('adds the extension to options, and leaves those it is given as they are', () => {
  const options = {
    capabilities: { roots: {}, extensions: { 'com.example/other': { a: 1 } } },
    strict: true,
  };
  const before = structuredClone(options);
  expect(declareClientCredentials(options)).toEqual({
    capabilities: { roots: {}, extensions: { 'com.example/other': { a: 1 }, ...extensions } },
    strict: true,
  });
  expect(options).toEqual(before);
  expect(declareClientCredentials()).toEqual({ capabilities: { extensions } });
});

it.each([null, 'options'])('refuses %j', (value) => {
  expect(() => declareClientCredentials(value as unknown as object)).toThrow(TypeError);
});
