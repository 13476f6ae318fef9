import { describe, expect, it } from 'vitest';
import { noClientAuthentication } from '../../src/client-authentication/no-client-authentication.ts';
import { startLoopbackServer } from '../loopback-server.ts';
import { CONTEXT, prove } from './token-request.ts';

describe('noClientAuthentication', () => {
  it('sends the client id and nothing else beside the grant', async () => {
    const server = await startLoopbackServer(() => ({ json: {} }));
    const authentication = noClientAuthentication();
    const { headers, parameters, concealed } = await prove(authentication);
    parameters.set('grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer');
    await fetch(`${server.origin}/token`, { method: 'POST', headers, body: parameters });
    const [request] = server.requests;
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      client_id: CONTEXT.clientId,
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    });
    expect(request?.headers.authorization).toBeUndefined();
    expect(concealed).toEqual([]);
  });

  it('is of the method none, needs no certificate and knows no revision', () => {
    expect(Object.keys(noClientAuthentication())).toEqual(['method', 'authenticate']);
    expect(noClientAuthentication().method).toBe('none');
  });
});
