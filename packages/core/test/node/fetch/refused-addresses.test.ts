import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Lookup } from '../../../src/node/fetch/judged-addresses.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { startDnsStandIn } from './dns-stand-in.ts';
import { openFetch, refusalOf, rejectionOf } from './open-fetch.ts';

/** Answers each look-up with the next list, and with the last one from then on. */
function answering(...answers: readonly string[][]): { lookup: Lookup; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    lookup: (hostname, _options, callback) => {
      const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(hostname);
      queueMicrotask(() =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      );
    },
  };
}

/** A server on every IPv4 address of this machine that notes at which one it was met. */
async function startEverywhere(): Promise<{ port: number; metAt: (string | undefined)[] }> {
  const metAt: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    metAt.push(request.socket.localAddress);
    response.setHeader('connection', 'close').end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, metAt };
}

describe('an address in a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://127。0。0。1/',
    'https://①②⑦.0.0.1/',
    'https://127.0.0.1./',
    'https://0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:a00:1::]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://10.0.0.1/',
    'https://192.168.0.1:8443/',
    'https://100.100.100.200/',
    'https://0xa9.0xfe.0xa9.0xfe/',
    'https://255.255.255.255/',
  ])('M1: %s is refused without a look-up', async (url) => {
    const { lookup, asked } = answering(['8.8.8.8']);
    const error = await refusalOf(openFetch({ lookup })(url));
    expect(error).toMatchObject({ code: 'address_refused', name: 'NodeFetchError' });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/is no public address \(.+\)\. .*allowLoopback or allowedNetworks/);
    expect(asked).toEqual([]);
  });

  it('M1: the metadata service of a cloud is refused, and the message names why', async () => {
    const error = await refusalOf(openFetch()('http://169.254.169.254/latest/meta-data?secret'));
    expect(error.message).toContain('169.254.169.254 is no public address (link-local, 169.254.0.0/16');
    expect(error.message).not.toContain('secret');
  });

  it('of this machine is reached by allowLoopback alone, or by the network it is in', async () => {
    const server = await startLoopbackServer(() => ({ body: 'here' }));
    const port = new URL(server.origin).port;
    for (const options of [{ allowLoopback: true }, { allowedNetworks: ['127.0.0.1/32'] }]) {
      expect(await (await openFetch(options)(`http://127.1:${port}/`)).text()).toBe('here');
    }
    const mapped = openFetch({ allowLoopback: true, allowedNetworks: ['127.0.0.0/8'] });
    await refusalOf(mapped(`http://[::ffff:127.0.0.1]:${port}/`));
    expect(server.requests).toHaveLength(2);
  });

  it('that is public is spoken to by https only', async () => {
    const error = await refusalOf(openFetch({ allowLoopback: true })('http://8.8.8.8/'));
    expect(error).toMatchObject({ code: 'insecure_url' });
    expect(error.message).toContain('Use https');
  });
});

describe('a name', () => {
  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:8.8.8.8'],
    ['fd00::1'],
    ['fe80::1%eth0'],
    ['not an address'],
  ])('M3: that resolves to %s is refused before anything is sent', async (address) => {
    const { lookup, asked } = answering([address]);
    const error = await refusalOf(openFetch({ lookup })('https://mcp.example.com/mcp'));
    expect(error.code).toBe('address_refused');
    expect(error.message).toContain('"mcp.example.com" resolves to');
    expect(asked).toEqual(['mcp.example.com']);
  });

  it('M3: with one private address among public ones is refused, wherever that stands', async () => {
    for (const addresses of [
      ['8.8.8.8', '10.0.0.1'],
      ['10.0.0.1', '8.8.8.8'],
      ['2606:4700::1', '::1', '8.8.8.8'],
    ]) {
      const { lookup } = answering(addresses);
      expect((await refusalOf(openFetch({ lookup })('https://mcp.example.com/'))).code).toBe(
        'address_refused',
      );
    }
  });

  it('M3: that a DNS server resolves to loopback is refused, and with the option it is reached', async () => {
    const server = await startLoopbackServer(() => ({ body: 'here' }));
    const dns = await startDnsStandIn({ 'mcp.example.com': [['127.0.0.1']] });
    const url = `http://mcp.example.com:${new URL(server.origin).port}/`;
    expect((await refusalOf(openFetch({ lookup: dns.lookup })(url))).code).toBe('address_refused');
    expect(server.requests).toHaveLength(0);
    const response = await openFetch({ lookup: dns.lookup, allowLoopback: true })(url);
    expect(await response.text()).toBe('here');
    expect(server.requests[0]?.headers.host).toBe(new URL(url).host);
    expect(dns.questions).toEqual(['mcp.example.com', 'mcp.example.com']);
  });

  it('M3: "localhost" is refused as this system resolves it', async () => {
    expect((await refusalOf(openFetch()('https://localhost/'))).code).toBe('address_refused');
  });

  it('M4: is resolved once for a connection, which goes to the address that was judged', async () => {
    const { port, metAt } = await startEverywhere();
    const dns = await startDnsStandIn({ 'rebind.example.com': [['127.0.0.1'], ['127.0.0.2']] });
    // 127.0.0.1 stands for a public address here, 127.0.0.2 for one within.
    const fetch = openFetch({ lookup: dns.lookup, allowedNetworks: ['127.0.0.1/32'] });
    const url = `http://rebind.example.com:${port}/`;
    expect(await (await fetch(url)).text()).toBe('here');
    expect(dns.questions).toHaveLength(1);
    expect(metAt).toEqual(['127.0.0.1']);
    // The next connection asks anew, and is judged anew.
    const error = await refusalOf(fetch(url));
    expect(error.message).toContain('"rebind.example.com" resolves to "127.0.0.2"');
    expect(dns.questions).toHaveLength(2);
    expect(metAt).toHaveLength(1);
  });

  it('M4: a list that changes after it was judged leads nowhere else', async () => {
    const { port, metAt } = await startEverywhere();
    const addresses = [{ address: '127.0.0.1', family: 4 }];
    const fetch = openFetch({
      allowedNetworks: ['127.0.0.1/32'],
      lookup: (_hostname, _options, callback) => {
        callback(null, addresses);
        addresses[0] = { address: '127.0.0.2', family: 4 };
      },
    });
    await (await fetch(`http://mcp.example.com:${port}/`)).text();
    expect(metAt).toEqual(['127.0.0.1']);
  });

  it('that does not exist fails as the network does', async () => {
    const dns = await startDnsStandIn({});
    const error = await rejectionOf(openFetch({ lookup: dns.lookup })('https://nowhere.example.com/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: expect.any(String) as string } });
  });
});
