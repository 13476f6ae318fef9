import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  createClientAddress,
  parseTrustedProxies,
  type ClientAddress,
} from '../../src/http/client-address.ts';

describe('the address of a client', () => {
  let clientAddress: ClientAddress;
  const http = createServer((request, response) => void response.end(String(clientAddress(request))));
  beforeAll(async () => await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void http.close());

  async function ask(trustedProxies: readonly string[], ...forwarded: string[]): Promise<string> {
    clientAddress = createClientAddress(parseTrustedProxies(trustedProxies));
    const headers = forwarded.flatMap((value) => ['X-Forwarded-For', value]);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { port } = http.address() as AddressInfo;
      httpRequest({ host: '127.0.0.1', port, headers: ['Host', 'x', ...headers] })
        .once('response', resolve)
        .once('error', reject)
        .end();
    });
    return await text(response);
  }

  it.each([
    ['no proxy is trusted', [], ['203.0.113.9'], '127.0.0.1'],
    ['the peer is none of the trusted proxies', ['10.0.0.0/8'], ['203.0.113.9'], '127.0.0.1'],
    ['the proxy names it', ['loopback'], ['203.0.113.9'], '203.0.113.9'],
    ['the client made up what stands left of it', ['loopback'], ['1.1.1.1, 203.0.113.9'], '203.0.113.9'],
    [
      'it came past two trusted proxies',
      ['loopback', '10.0.0.0/8'],
      ['203.0.113.9, 10.1.2.3'],
      '203.0.113.9',
    ],
    ['it is a trusted proxy itself', ['loopback', '10.0.0.0/8'], ['10.1.2.3'], '10.1.2.3'],
    ['the header comes twice', ['loopback'], ['1.1.1.1', '203.0.113.9'], '203.0.113.9'],
    ['the proxy adds a port', ['loopback'], ['203.0.113.9:51234'], '203.0.113.9'],
    ['it is of IPv6, with a port', ['loopback'], ['[2001:db8::1]:51234'], '2001:db8::1'],
    ['it is of IPv6', ['loopback'], ['2001:db8::1'], '2001:db8::1'],
    ['it is IPv4 in the form of IPv6', ['loopback'], ['::ffff:203.0.113.9'], '203.0.113.9'],
    ['the proxy does not know', ['loopback'], ['203.0.113.9, unknown'], '127.0.0.1'],
    ['the header is empty', ['loopback'], [''], '127.0.0.1'],
    ['the header is nonsense', ['loopback'], ["'; drop table clients; --"], '127.0.0.1'],
    [
      'the way is endless',
      ['loopback'],
      [Array.from({ length: 500 }, () => '127.0.0.1').join()],
      '127.0.0.1',
    ],
  ])('where %s', async (_case, trusted, forwarded, expected) => {
    expect(await ask(trusted, ...forwarded)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/8', 'trustedProxies must list'],
    [['10.0.0.0/33'], 'trustedProxies[0] must be an IPv4 or IPv6 address or a network'],
    [['loopback', 'proxy.internal'], 'trustedProxies[2] must be'],
    [['0.0.0.0/0'], 'any client could claim'],
    [['::/0'], 'any client could claim'],
  ])('refuses %o as trusted proxies', (value, message) => {
    expect(() => parseTrustedProxies(value)).toThrow(message);
  });
});
