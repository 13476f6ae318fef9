import { expect, it } from 'vitest';
import { TokenAcquisitionError } from '../../src/client/index.ts';

it('reads as sentences: what failed, where, what was expected and received, what to do, until when', () => {
  const cause = new Error('the cause');
  const error = new TokenAcquisitionError('invalid_client', {
    step: 'token_request',
    resource: 'https://mcp.example.com/mcp',
    server: 'https://auth.example.com/token',
    expected: 'a token',
    received: 'status 401, error "invalid_client"',
    retryAt: new Date(0),
    cause,
  });
  expect(error.message).toBe(
    'No token for https://mcp.example.com/mcp (token request at https://auth.example.com/token): expected a token, received status 401, error "invalid_client". Check the client id and its secret or key: expired, withdrawn, rotated, or registered for another authentication method. Not asked again before 1970-01-01T00:00:00.000Z.',
  );
  expect(error).toMatchObject({
    name: 'TokenAcquisitionError',
    code: 'invalid_client',
    step: 'token_request',
    cause,
  });
  expect(error.retryAt?.getTime()).toBe(0);
});
