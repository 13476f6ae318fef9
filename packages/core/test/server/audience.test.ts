import { describe, expect, it } from 'vitest';
import { createAudienceCheck, type AudienceOptions } from '../../src/server/audience.ts';
import { failureOf } from './failure-of.ts';

const RESOURCE = 'https://mcp.example.com/mcp';
const OTHER = 'https://other.example';
const check = (options?: AudienceOptions, resource = RESOURCE) =>
  createAudienceCheck(resource, options, 'audience');

describe('the audience of a token', () => {
  it('is the resource, alone or among others', () => {
    for (const audience of [RESOURCE, [RESOURCE], [OTHER, RESOURCE]]) {
      expect(() => check()(audience, 'c')).not.toThrow();
    }
  });

  it.each([
    `${RESOURCE}/`,
    `${RESOURCE}2`,
    'https://MCP.example.com/mcp',
    'https://mcp.example.com',
    `${RESOURCE} x`,
    '',
    [OTHER],
  ])('is compared character by character: %j is another', (audience) => {
    expect(failureOf(() => check()(audience, 'c')).reason).toBe('audience_mismatch');
  });

  it.each([[[]], [null], [7], [{}], [[RESOURCE, 7]], [[[RESOURCE]]]])(
    'is a text or texts: %j is neither',
    (audience) => {
      expect(failureOf(() => check()(audience, 'c')).reason).toBe('claim_invalid');
    },
  );

  it('must be there', () => {
    expect(failureOf(() => check()(undefined, 'c')).reason).toBe('claim_missing');
  });

  it('of a bare origin may end in a slash, and nowhere else', () => {
    const bare = check(undefined, 'https://mcp.example.com');
    expect(() => bare('https://mcp.example.com/', 'c')).not.toThrow();
    expect(failureOf(() => bare('https://mcp.example.com//', 'c')).reason).toBe('audience_mismatch');
  });
});

describe('audience options', () => {
  it('C1: exclusive refuses a token that names anybody else too', () => {
    const exclusive = check({ exclusive: true });
    expect(() => exclusive([RESOURCE], 'c')).not.toThrow();
    expect(failureOf(() => exclusive([RESOURCE, OTHER], 'c')).reason).toBe('audience_mismatch');
  });

  it('C5: anyOf replaces the resource by the spellings that are named', () => {
    const aliased = check({ anyOf: ['https://MCP.example.com/mcp', 'api://deploy'] });
    expect(() => aliased('https://MCP.example.com/mcp', 'c')).not.toThrow();
    expect(failureOf(() => aliased(RESOURCE, 'c')).reason).toBe('audience_mismatch');
    expect(failureOf(() => aliased('api://deploy2', 'c')).reason).toBe('audience_mismatch');
  });

  it('anyOf and exclusive together admit the named ones and no other', () => {
    const both = check({ anyOf: ['a', 'b'], exclusive: true });
    expect(() => both(['b', 'a'], 'c')).not.toThrow();
    expect(failureOf(() => both(['a', 'x'], 'c')).reason).toBe('audience_mismatch');
  });

  it('clientIds admits tokens without audience from these clients, and changes nothing for others', () => {
    const bound = check({ clientIds: ['job'] });
    expect(() => bound(undefined, 'job')).not.toThrow();
    expect(failureOf(() => bound(undefined, 'other')).reason).toBe('audience_mismatch');
    expect(failureOf(() => bound(OTHER, 'job')).reason).toBe('audience_mismatch');
    expect(failureOf(() => bound([], 'job')).reason).toBe('claim_invalid');
  });

  it.each([
    { anyOf: [] },
    { anyOf: 'x' },
    { anyOf: [''] },
    { clientIds: [] },
    { clientIds: [7] },
    { exclusive: 'yes' },
    { anyof: [] },
  ])('that are wrong (%j) are refused by name', (options) => {
    expect(() => check(options as AudienceOptions)).toThrow(TypeError);
    expect(() => check(options as AudienceOptions)).toThrow(/^audience/);
  });
});
