import { expect, it } from 'vitest';
import { DocumentError } from '../src/document-error.ts';

it('says where, what was expected and what came, and keeps the cause', () => {
  const cause = new Error('cause');
  const error = new DocumentError('unexpected_status', {
    url: 'https://auth.example.com/jwks',
    expected: 'status 200',
    received: 'status 503',
    status: 503,
    retryAfterSeconds: 9,
    cause,
  });
  expect(error.message).toBe('https://auth.example.com/jwks: expected status 200, received status 503');
  expect(error).toMatchObject({
    name: 'DocumentError',
    code: 'unexpected_status',
    status: 503,
    retryAfterSeconds: 9,
    cause,
  });
});

it.each([
  ['https://auth.example.com/jwks?key=canary#canary', 'https://auth.example.com/jwks'],
  ['https://user:canary@auth.example.com/jwks', 'https://auth.example.com/jwks'],
  ['https://a/b@c', 'https://a/b@c'],
  ['not a URL', 'not a URL'],
])('shows %s as %s', (url, shown) => {
  const error = new DocumentError('timeout', { url, expected: 'an answer', received: 'none' });
  expect(error.url).toBe(shown);
  expect(error.message).toBe(`${shown}: expected an answer, received none`);
  expect(JSON.stringify(error)).not.toContain('canary');
});
