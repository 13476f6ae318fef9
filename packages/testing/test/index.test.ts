import { expect, test } from 'vitest';
import * as testing from '../src/index.ts';

test('the package exports these names and no others', () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    'IDENTITY_PROVIDERS',
    'createDpopProof',
    'createSigningKey',
    'createTestAuthority',
    'createTestCertificate',
    'expectChallenge',
    'generateDpopKey',
    'parseChallenges',
  ]);
});
