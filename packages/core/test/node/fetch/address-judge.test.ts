import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressJudge } from '../../../src/node/fetch/address-judge.ts';
import { SPECIAL_PURPOSE_NETWORKS } from '../../../src/node/fetch/special-purpose-networks.ts';

const judge = createAddressJudge({ allowLoopback: false, allowedNetworks: [] });

describe('createAddressJudge', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '168.63.129.15',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::',
    '2606:4700:4700::1111',
    '2A00:1450:4001:82A::200E',
    '3ffe:ffff::1',
  ])('passes the public address %s', (address) => {
    expect(judge(address)).toEqual({ kind: 'public' });
  });

  it.each([
    ['0.0.0.0', 'this network'],
    ['10.255.255.255', 'private use'],
    ['100.64.0.0', 'shared address space'],
    ['100.100.100.200', 'shared address space'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', 'Azure'],
    ['169.254.169.254', 'link-local'],
    ['172.16.0.0', 'private use'],
    ['172.31.255.255', 'private use'],
    ['192.0.0.192', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relays'],
    ['192.168.1.1', 'private use'],
    ['198.19.255.255', 'benchmarking'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.251', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::10.0.0.1', 'IPv4-compatible'],
    ['64:ff9b:1::8.8.8.8', 'local translation'],
    ['100::1', 'discard only'],
    ['2001::1', 'Teredo'],
    ['2001:20::1', 'protocol assignments'],
    ['2001:db8::1', 'documentation'],
    ['2002:808:808::1', '6to4'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'documentation'],
    ['4000::1', 'not given out'],
    ['5f00::1', 'segment routing'],
    ['FC00::1', 'unique-local'],
    ['fd00:ec2::254', 'unique-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
  ])('refuses %s: %s', (address, purpose) => {
    expect(judge(address)).toEqual({ kind: 'refused', reason: expect.stringContaining(purpose) as string });
  });

  it.each([
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '::FFFF:127.0.0.1',
    '0:0:0:0:0:ffff:7f00:1',
    '::ffff:10.0.0.1',
  ])('refuses the IPv4-mapped %s, whatever is opened', (address) => {
    const open = createAddressJudge({
      allowLoopback: true,
      allowedNetworks: ['10.0.0.0/8', '8.0.0.0/8', '::ffff:0:0/96', '::/1'],
    });
    for (const each of [judge, open]) {
      expect(each(address)).toMatchObject({ kind: 'refused', reason: 'IPv4-mapped, ::ffff:0:0/96' });
    }
  });

  it.each([
    ['64:ff9b::8.8.8.8', { kind: 'public' }],
    ['64:ff9b::808:808', { kind: 'public' }],
    ['64:ff9b::a00:1', { kind: 'refused', reason: expect.stringContaining('private use') as string }],
    ['64:ff9b::a9fe:a9fe', { kind: 'refused', reason: expect.stringContaining('link-local') as string }],
    ['64:ff9b::127.0.0.1', { kind: 'refused', reason: expect.stringContaining('loopback') as string }],
    ['64:ff9b::', { kind: 'refused', reason: expect.stringContaining('this network') as string }],
    ['64:ff9b::1', { kind: 'refused', reason: expect.stringContaining('this network') as string }],
    ['64:ff9b::808:0', { kind: 'public' }],
  ])('judges the NAT64 address %s by the IPv4 address within, which no option opens', (address, verdict) => {
    const open = createAddressJudge({ allowLoopback: true, allowedNetworks: ['10.0.0.0/8'] });
    expect(judge(address)).toEqual(verdict);
    expect(open(address)).toEqual(verdict);
  });

  it.each(['fe80::1%eth0', '2606:4700::1%1', '', 'localhost', '010.0.0.1', '1.2.3', '[::1]', '1.1.1.1/32'])(
    'refuses %j, which is no address or has a zone',
    (address) => {
      expect(judge(address).kind).toBe('refused');
    },
  );

  it('opens loopback by its option, and nothing beside it', () => {
    const open = createAddressJudge({ allowLoopback: true, allowedNetworks: [] });
    for (const address of ['127.0.0.1', '127.9.9.9', '::1'])
      expect(open(address)).toEqual({ kind: 'opened' });
    for (const address of ['0.0.0.0', '::', '10.0.0.1', '::2', '::127.0.0.1']) {
      expect(open(address).kind).toBe('refused');
    }
  });

  it('opens the networks that are named, and nothing beside them', () => {
    const open = createAddressJudge({ allowLoopback: false, allowedNetworks: ['10.1.0.0/16', 'fd12::/16'] });
    for (const address of ['10.1.0.0', '10.1.255.255', 'fd12::1']) {
      expect(open(address)).toEqual({ kind: 'opened' });
    }
    for (const address of ['10.0.255.255', '10.2.0.0', 'fd13::1', '127.0.0.1']) {
      expect(open(address).kind).toBe('refused');
    }
    expect(open('8.8.8.8')).toEqual({ kind: 'public' });
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    '10.0.0.0/-1',
    'fe80::1%eth0/64',
    '*',
    ' 10.0.0.0/8',
  ])('takes no network written %j', (network) => {
    expect(() => createAddressJudge({ allowLoopback: false, allowedNetworks: [network] })).toThrow(
      /allowedNetworks takes networks such as "10\.0\.0\.0\/8"/,
    );
  });

  it.each(['0.0.0.0/0', '::/0', '::/000'])('does not open everything by %j', (network) => {
    expect(() => createAddressJudge({ allowLoopback: false, allowedNetworks: [network] })).toThrow(
      /must not open everything/,
    );
  });
});

describe('the table of networks', () => {
  it('has a reference for every row, and no row twice', () => {
    const networks = SPECIAL_PURPOSE_NETWORKS.map(({ network }) => network);
    expect(new Set(networks).size).toBe(networks.length);
    for (const { reference } of SPECIAL_PURPOSE_NETWORKS) expect(reference).toMatch(/^https:\/\//);
  });

  it('agrees with arithmetic on random IPv4 addresses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(0xffffffff), near(RANGES4, 32)), (value) => {
        const bits = BigInt(value);
        const address = [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
        expect(judge(address).kind).toBe(isWithin(bits, RANGES4) ? 'refused' : 'public');
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with arithmetic on random IPv6 addresses, however they are written', () => {
    const random = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    const global = fc.bigInt({ min: 2n << 124n, max: (4n << 124n) - 1n });
    fc.assert(
      fc.property(fc.oneof(random, global, near(RANGES6, 128)), fc.nat(2), (bits, spelling) => {
        const groups = Array.from({ length: 8 }, (_, index) => (bits >> BigInt(112 - 16 * index)) & 0xffffn);
        const hex = groups.map((group) => group.toString(16));
        const full = hex.map((group) => group.padStart(4, '0').toUpperCase()).join(':');
        const tail = groups.slice(6).flatMap((group) => [group >> 8n, group & 255n]);
        const address = [hex.join(':'), full, `${hex.slice(0, 6).join(':')}:${tail.join('.')}`][spelling];
        const translated = bits >> 32n === 0x64_ff9bn << 64n;
        const refused = translated ? isWithin(bits & 0xffffffffn, RANGES4) : isWithin(bits, RANGES6);
        expect(judge(address ?? '').kind, address).toBe(refused ? 'refused' : 'public');
      }),
      { numRuns: 3000 },
    );
  });
});

type Range = readonly [first: bigint, last: bigint];

function isWithin(value: bigint, ranges: readonly Range[]): boolean {
  return ranges.some(([first, last]) => first <= value && value <= last);
}

/** Values around the ends of the ranges, where mistakes are. */
function near(ranges: readonly Range[], bits: 32 | 128): fc.Arbitrary<bigint> {
  const most = (1n << BigInt(bits)) - 1n;
  return fc
    .tuple(fc.constantFrom(...ranges.flat()), fc.bigInt({ min: -3n, max: 3n }))
    .map(([end, step]) => end + step)
    .filter((value) => value >= 0n && value <= most);
}

/** Written from the registries by first and last address, apart from the table in the source. */
const RANGES4: readonly Range[] = [
  [0x00000000n, 0x00ffffffn],
  [0x0a000000n, 0x0affffffn],
  [0x64400000n, 0x647fffffn],
  [0x7f000000n, 0x7fffffffn],
  [0xa83f8110n, 0xa83f8110n],
  [0xa9fe0000n, 0xa9feffffn],
  [0xac100000n, 0xac1fffffn],
  [0xc0000000n, 0xc00000ffn],
  [0xc0000200n, 0xc00002ffn],
  [0xc0586300n, 0xc05863ffn],
  [0xc0a80000n, 0xc0a8ffffn],
  [0xc6120000n, 0xc613ffffn],
  [0xc6336400n, 0xc63364ffn],
  [0xcb007100n, 0xcb0071ffn],
  [0xe0000000n, 0xffffffffn],
];

/** All but what is given out in 2000::/3. */
const RANGES6: readonly Range[] = [
  [0n, (0x2000n << 112n) - 1n],
  [0x20010000n << 96n, (0x20010200n << 96n) - 1n],
  [0x20010db8n << 96n, (0x20010db9n << 96n) - 1n],
  [0x2002n << 112n, (0x2003n << 112n) - 1n],
  [0x3fff0n << 108n, (0x3fff1n << 108n) - 1n],
  [0x4000n << 112n, (1n << 128n) - 1n],
];
