import { expect, test } from 'vitest';
import * as contract from '../../src/contract/index.ts';

test('the entry point of the contract exports these names and no others', () => {
  expect(Object.keys(contract).toSorted()).toEqual([
    'adapterContract',
    'createContractHandler',
    'toContractResponse',
    'writeContractAnswer',
  ]);
});
