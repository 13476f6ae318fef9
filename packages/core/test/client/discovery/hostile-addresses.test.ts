import { describe, expect, it } from 'vitest';
import { createTokenSource } from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { startDnsStandIn } from '../../node/fetch/dns-stand-in.ts';
import { openFetch } from '../../node/fetch/open-fetch.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests } from '../scene.ts';

describe('an address within the network', () => {
  it.each([
    'https://169.254.169.254/token',
    'https://[fd00:ec2::254]/token',
    'https://[::ffff:169.254.169.254]/token',
    'https://0xa9fea9fe/token',
    'https://10.0.0.1/token',
  ])('M1: as token endpoint (%s) is not connected to', async (token_endpoint) => {
    const scene = await createScene();
    scene.authority.setMetadata({ token_endpoint });
    const tokens = createTokenSource({ ...scene.options, fetch: openFetch({ allowLoopback: true }) });
    const error = await failureOf(tokens.getToken());
    expect(error).toMatchObject({
      code: 'untrusted_url',
      step: 'token_request',
      received: 'a network failure (address_refused)',
    });
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it('M3: behind the name of an MCP server is not connected to, and no credential is sent', async () => {
    const scene = await createScene();
    const dns = await startDnsStandIn({ 'mcp.example.com': [['10.0.0.1']] });
    const tokens = createTokenSource({
      ...scene.options,
      resource: 'https://mcp.example.com/mcp',
      fetch: openFetch({ lookup: dns.lookup, allowLoopback: true }),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'untrusted_url',
      step: 'protected_resource_metadata',
      received: 'a network failure (address_refused)',
    });
    expect(scene.authority.requests).toHaveLength(0);
  });

  it('M3: behind the name of a token endpoint is not connected to', async () => {
    const scene = await createScene();
    const dns = await startDnsStandIn({ 'as.example.com': [['127.0.0.1']] });
    const within = await startLoopbackServer(() => ({
      json: { access_token: 'stolen', token_type: 'Bearer' },
    }));
    scene.authority.setMetadata({
      token_endpoint: `https://as.example.com:${new URL(within.origin).port}/token`,
    });
    const guarded = openFetch({ lookup: dns.lookup });
    const tokens = createTokenSource({
      ...scene.options,
      fetch: (url, init) => (url.includes('as.example.com') ? guarded : fetch)(url, init),
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      step: 'token_request',
      received: 'a network failure (address_refused)',
    });
    expect(within.requests).toHaveLength(0);
  });

  it('M4: that a name begins to point to between discovery and the token request gets no credential', async () => {
    const scene = await createScene();
    const dns = await startDnsStandIn({ 'as.example.com': [['127.0.0.1'], ['127.0.0.2']] });
    const { issuer } = scene.authority;
    const named = `http://as.example.com:${new URL(issuer).port}`;
    const tokens = createTokenSource({
      ...scene.options,
      // By a name in place of the address, and with a connection of its own for each request. 127.0.0.1 stands for
      // a public address here, 127.0.0.2 for one within.
      fetch: (url, init) =>
        openFetch({ lookup: dns.lookup, allowedNetworks: ['127.0.0.1/32'] })(
          url.replace(issuer, named),
          init,
        ),
    });
    const error = await failureOf(tokens.getToken());
    expect(error).toMatchObject({ step: 'token_request', received: 'a network failure (address_refused)' });
    expect(scene.authority.requests.map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server',
    ]);
    expect(dns.questions).toHaveLength(2);
  });
});
