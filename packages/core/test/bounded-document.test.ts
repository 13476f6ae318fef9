import { expect, it } from 'vitest';
import { fetchDocument } from '../src/bounded-document.ts';
import { startLoopbackServer } from './loopback-server.ts';

it('asks for the content types that are accepted, and gives the bytes and the one that came', async () => {
  const server = await startLoopbackServer(() => ({
    body: 'a.b.c',
    headers: { 'content-type': 'application/JWT; charset=utf-8' },
  }));
  const document = await fetchDocument(`${server.origin}/`, {
    contentTypes: ['application/jwt', 'application/json'],
    headers: new Headers({ 'x-more': 'yes' }),
  });
  expect(Buffer.from(document.bytes).toString()).toBe('a.b.c');
  expect(document.contentType).toBe('application/jwt');
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    headers: { accept: 'application/jwt, application/json', 'x-more': 'yes' },
  });
});

it('accepts application/…+json only where any JSON will do', async () => {
  const server = await startLoopbackServer(() => ({
    body: '{}',
    headers: { 'content-type': 'application/token-introspection+json' },
  }));
  const request = { contentTypes: ['application/json'] } as const;
  await expect(fetchDocument(`${server.origin}/`, request)).rejects.toMatchObject({
    code: 'unexpected_content_type',
    expected: 'application/json',
    received: '"application/token-introspection+json"',
  });
  const { contentType } = await fetchDocument(`${server.origin}/`, { ...request, anyJson: true });
  expect(contentType).toBe('application/token-introspection+json');
});

it.each([
  ['of its own content type', undefined, 'application/x-www-form-urlencoded'],
  ['beside other headers', new Headers({ authorization: 'Basic eDp5' }), 'application/x-www-form-urlencoded'],
  [
    'of the content type that is given',
    new Headers({ 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    'application/x-www-form-urlencoded; charset=utf-8',
  ],
])('sends a form as a POST, %s', async (_, headers, contentType) => {
  const server = await startLoopbackServer(() => ({ json: {} }));
  await fetchDocument(`${server.origin}/`, {
    contentTypes: ['application/json'],
    headers,
    form: new URLSearchParams({ token: 'a b' }),
  });
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    body: 'token=a+b',
    headers: { ...Object.fromEntries(headers ?? []), 'content-type': contentType },
  });
});

it('gives a request without a form no content type', async () => {
  const server = await startLoopbackServer(() => ({ json: {} }));
  await fetchDocument(`${server.origin}/`, { contentTypes: ['application/json'] });
  expect(server.requests[0]?.headers).not.toHaveProperty('content-type');
});
