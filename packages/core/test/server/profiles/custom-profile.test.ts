import { describe, expect, it } from 'vitest';
import { resolveProfile } from '../../../src/server/profiles/profiles.ts';
import type { ProfiledClaims, TokenProfile } from '../../../src/server/profiles/token-profile.ts';
import { failureOf } from '../failure-of.ts';

const READ: ProfiledClaims = {
  clientId: 'job',
  subject: 'job',
  scopes: ['read'],
  roles: [],
  kind: 'machine',
  evidence: 'because',
};

const PROFILE: TokenProfile = {
  name: 'own',
  requiredClaims: ['sub'],
  checkType: () => undefined,
  readClaims: () => READ,
};

const resolve = (change: object): TokenProfile =>
  resolveProfile({ ...PROFILE, ...change }, 'authorizationServers[0].profile');

describe('a profile of one’s own', () => {
  it('is used as it is while it does what it should', () => {
    const profile = resolve({});
    expect(profile).toMatchObject({ name: 'own', requiredClaims: ['sub'] });
    expect(profile.readClaims({})).toBe(READ);
    profile.checkType({}, {});
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('canary-claim-value');
      },
    ],
    ['answers false', () => false],
    ['answers true', () => true],
    ['is asynchronous', () => Promise.resolve()],
    ['is asynchronous and fails', () => Promise.reject(new Error('no'))],
  ])('refuses the token when checkType %s', (_, checkType) => {
    const failure = failureOf(() => resolve({ checkType }).checkType({}, {}));
    expect(failure.reason).toBe('token_type_not_allowed');
    expect(JSON.stringify(failure.details)).not.toContain('canary');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('canary-claim-value');
      },
    ],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['is asynchronous', () => Promise.resolve(READ)],
    ['names no client', () => ({ ...READ, clientId: undefined })],
    ['names an empty subject', () => ({ ...READ, subject: '' })],
    ['names scopes as a text', () => ({ ...READ, scopes: 'read' })],
    ['names two scopes as one', () => ({ ...READ, scopes: ['read write'] })],
    ['names no roles', () => ({ ...READ, roles: undefined })],
    ['names another kind', () => ({ ...READ, kind: 'admin' })],
    ['gives no evidence', () => ({ ...READ, evidence: undefined })],
  ])('refuses the token when readClaims %s', (_, readClaims) => {
    const failure = failureOf(() => resolve({ readClaims }).readClaims({}));
    expect(failure.reason).toBe('claim_invalid');
    expect(JSON.stringify({ ...failure.details, cause: undefined })).not.toContain('canary');
  });

  it.each([
    [{ name: undefined }, /^authorizationServers\[0\]\.profile must have a name and the functions/],
    [{ checkType: undefined }, /must have a name and the functions checkType and readClaims/],
    [{ readClaims: 'x' }, /must have a name and the functions checkType and readClaims/],
    [{ requiredClaims: undefined }, /^authorizationServers\[0\]\.profile\.requiredClaims must be an array/],
    [{ requiredClaims: [7] }, /requiredClaims must be an array of claim names/],
  ])('is refused at construction with %j', (change, message) => {
    expect(() => resolve(change)).toThrow(message);
  });

  it.each(['unknown', 'toString', '', 7, null])('is not %j', (profile) => {
    expect(() => resolveProfile(profile as unknown as 'okta', 'profile')).toThrow(
      /^profile must be one of rfc9068, auth0, entra, okta, keycloak, cognito, pingone, or a profile of your own/,
    );
  });
});
