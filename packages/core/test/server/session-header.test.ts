import { expect, it } from 'vitest';
import { opensSession } from '../../src/server/session-header.ts';

const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize' };

it.each([
  ['a message', INITIALIZE],
  ['a batch', [{ method: 'ping' }, INITIALIZE]],
])('a session is opened by initialize in %s', (_, body) => {
  expect(opensSession(body)).toBe(true);
});

it.each([
  undefined,
  null,
  'initialize',
  [],
  [null],
  {},
  { method: 'Initialize' },
  { method: ['initialize'] },
])('a session is not opened by %j', (body) => {
  expect(opensSession(body)).toBe(false);
});
