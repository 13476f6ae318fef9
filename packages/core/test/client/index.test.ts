import { expect, it } from 'vitest';
import * as client from '../../src/client/index.ts';

it('the client exports exactly these names', () => {
  expect(Object.keys(client).toSorted()).toEqual([
    'TokenAcquisitionError',
    'authorizedFetch',
    'clientSecretBasic',
    'clientSecretPost',
    'createTokenSource',
    'fetchProtectedResourceMetadata',
    'privateKeyJwt',
    'validateProtectedResourceMetadata',
  ]);
});
