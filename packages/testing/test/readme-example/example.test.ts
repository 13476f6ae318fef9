import { createTestAuthority, expectChallenge } from '../../src/index.ts';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

test('only tokens for this server are accepted', async () => {
  await using authority = await createTestAuthority();
  const url = await startServer({ issuer: authority.issuer });
  const call = (aud: string) =>
    fetch(url, { method: 'POST', headers: { authorization: `Bearer ${authority.mint({ aud })}` } });
  expect((await call(url)).status).toBe(200);
  expectChallenge(await call('https://other.example'), { scheme: 'Bearer', error: 'invalid_token' });
});
