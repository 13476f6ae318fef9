import { expect, it } from 'vitest';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createDpop } from '../../../src/client/dpop/dpop-prover.ts';
import { dpopFetch } from '../../../src/client/dpop/dpop-fetch.ts';

it.each<[string, RequestInit]>([
  ['a token', { headers: { authorization: 'DPoP bound-token' } }],
  ['a token request', { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }) }],
  ['another form', { method: 'POST', body: new URLSearchParams({ name: 'value' }) }],
])(
  'sends %s where the URL led when the call was made, whatever becomes of it afterwards',
  async (_, init) => {
    const intended = await startLoopbackServer(() => ({ json: { access_token: 'a', token_type: 'DPoP' } }));
    const other = await startLoopbackServer(() => ({ json: { access_token: 'a', token_type: 'DPoP' } }));
    const url = new URL(intended.origin);
    const call = dpopFetch(createDpop())(url, init);
    url.port = new URL(other.origin).port;
    expect((await call).status).toBe(200);
    expect(other.requests).toEqual([]);
    expect(intended.requests).toHaveLength(1);
  },
);
