import { authorizedFetch, createTokenSources, privateKeyJwt, tokenExchange } from '@mcp-m2m/core/client';
import { secretFromFile } from '@mcp-m2m/core/node';
import type { Caller } from '@mcp-m2m/core/server';

const sources = createTokenSources({
  issuer: 'https://auth.example.com',
  clientId: 'deploy-desk', // this server, as a client
  authentication: privateKeyJwt({ key: secretFromFile('/run/secrets/client.pem'), algorithm: 'ES256' }),
});

/** Calls the next server on behalf of whoever calls this one. */
export function callTickets(caller: Caller, body: string): Promise<Response> {
  const url = 'https://tickets.example.com/mcp';
  const tokens = sources.sourceFor(url, { grant: tokenExchange({ subjectToken: caller.token }) });
  const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  return authorizedFetch(tokens)(url, { method: 'POST', headers, body });
}
