import { describe, expect, it } from 'vitest';

import { compareTools, mergeTools } from '../../src/page/access/tool-changes.ts';
import { groupUsage } from '../../src/page/activity/usage-series.ts';
import { parseRoute } from '../../src/page/shell/route.ts';
import { readConditions, writeConditions } from '../../src/page/trust/conditions.ts';
import { decodeToken } from '../../src/page/trust/decode-token.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a pasted token', () => {
  it('is read with the characters that it has', () => {
    const decoded = decodeToken(`${encode({ alg: 'ES256' })}.${encode({ sub: 'Zoë ✓' })}.c2ln\n`);
    expect(decoded).toEqual({ header: { alg: 'ES256' }, claims: { sub: 'Zoë ✓' } });
  });

  it.each([
    '',
    'a.b',
    'a.b.c',
    `${encode([])}.${encode({})}.x`,
    'é.é.é',
    `${encode(1)}.${encode(2)}.`,
    'a.b.c.d.e',
  ])('%j is told to be none, in words', (text) => {
    expect(decodeToken(text)).toMatch(/^This (?:is no JWT|token is encrypted)/);
  });
});

describe('conditions of a rule', () => {
  it('are written as they are read', () => {
    const conditions = [
      { claim: 'sub', equals: 'system:serviceaccount:ci:deployer' },
      { claim: 'repository', matches: 'example/*' },
      { claim: 'environment', oneOf: ['staging', 'production'] },
      { claim: ['kubernetes.io', 'namespace'], equals: 'ci' },
      { claim: 'query', equals: 'a=b=c' },
    ];
    expect(readConditions(writeConditions(conditions))).toEqual(conditions);
  });
});

describe('tools that have changed', () => {
  const known = [
    { name: 'list', description: 'Lists', scopes: ['read'] },
    { name: 'drop', scopes: ['write'] },
  ];

  it('are told apart: new, gone, and described in other words', () => {
    const found = [{ name: 'list', description: 'Lists and deletes' }, { name: 'add' }];
    expect(compareTools(known, found)).toEqual({ added: ['add'], removed: ['drop'], described: ['list'] });
    expect(mergeTools(known, found)).toEqual([
      { name: 'list', description: 'Lists and deletes', scopes: ['read'] },
      { name: 'add', scopes: [] },
    ]);
  });

  it('names of what every object has are names like others', () => {
    const found = [{ name: '__proto__' }, { name: 'constructor' }];
    expect(compareTools([], found).added).toEqual(['__proto__', 'constructor']);
  });
});

describe('tokens over time', () => {
  const now = Date.parse('2026-11-20T20:30:00Z');
  const hour = (text: string, clientId: string, issued: number, refused = 0) => ({
    hour: `2026-11-20T${text}:00:00.000Z`,
    clientId,
    issued,
    refused,
  });

  it('are summed by stretch and client, the busiest first, and what is too old is left out', () => {
    const hours = [
      hour('20', 'a', 1, 2),
      hour('20', 'b', 5),
      hour('18', 'a', 1),
      { ...hour('20', 'a', 100), hour: '2026-11-18T20:00:00.000Z' },
    ];
    const { buckets, issued, refused, mostPerBucket } = groupUsage(hours, 1, 1, now);
    expect(buckets).toHaveLength(24);
    expect(new Date(buckets.at(-1) ?? 0).toISOString()).toBe('2026-11-20T20:00:00.000Z');
    expect(issued.map(({ name, total }) => [name, total])).toEqual([
      ['b', 5],
      ['a', 2],
    ]);
    expect(refused.at(-1)).toBe(2);
    expect(mostPerBucket).toBe(8);
  });

  it('many clients become one series of others', () => {
    const hours = Array.from({ length: 9 }, (_, index) => hour('20', `client-${index}`, 9 - index));
    const { issued } = groupUsage(hours, 1, 1, now);
    expect(issued.map(({ name }) => name).at(-1)).toBe('5 others');
    expect(issued.at(-1)?.total).toBe(5 + 4 + 3 + 2 + 1);
  });
});

it('an address that is not well formed is taken as it is', () => {
  expect(parseRoute('#/clients/of/a%20b')).toEqual(['clients', 'of', 'a b']);
  expect(parseRoute('#/clients/%E0%A4%A//x')).toEqual(['clients', '%E0%A4%A', 'x']);
  expect(parseRoute('')).toEqual([]);
});
