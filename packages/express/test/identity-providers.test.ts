import type { RefusalReason } from '@mcp-m2m/express';
import { describe, expect, it } from 'vitest';
import { callerOf, outcomeOf, PROVIDERS, startProvidedApp } from './identity-providers.ts';
import { RESOURCE } from './protected-app.ts';

describe.each(PROVIDERS.map((setUp) => [setUp.provider, setUp] as const))('tokens of %s', (_, setUp) => {
  it('make a machine of a machine, which may do what is for machines and nothing that is for people', async () => {
    await using provided = await startProvidedApp(setUp);
    const token = provided.mint();
    const caller = { kind: 'machine', subjectKind: 'machine', clientId: 'job', ...setUp.machine };
    expect(await callerOf(provided, token)).toMatchObject(caller);
    expect(await outcomeOf(provided, token, 'start_deployment')).toBe(200);
    expect(await outcomeOf(provided, token, 'approve_production')).toBe('user_required');
  });

  it('make a user of a user, who may do what is for people and nothing that is for machines', async () => {
    await using provided = await startProvidedApp(setUp);
    const token = provided.mint({}, { subjectKind: 'user' });
    const caller = { kind: 'user', subjectKind: 'user', clientId: 'job', ...setUp.user };
    expect(await callerOf(provided, token)).toMatchObject(caller);
    expect(await outcomeOf(provided, token, 'approve_production')).toBe(200);
    expect(await outcomeOf(provided, token, 'start_deployment')).toBe('machine_required');
  });

  it('J27: are refused when they are ID tokens, whatever audience they name', async () => {
    await using provided = await startProvidedApp(setUp);
    const options = { subjectKind: 'user', tokenKind: 'id-token' } as const;
    const aud = setUp.audience?.anyOf?.[0] ?? RESOURCE;
    const bare = { nonce: undefined, at_hash: undefined, aud, jti: 'j', client_id: undefined };
    for (const claims of [{}, { aud }, bare, { ...bare, scope: 'deploy:read' }]) {
      const refused = await outcomeOf(provided, provided.mint(claims, options));
      expect(['token_type_not_allowed', 'claim_missing']).toContain(refused);
    }
  });

  it('are refused for another audience, and for none', async () => {
    await using provided = await startProvidedApp(setUp);
    expect(await outcomeOf(provided, provided.mint({ aud: 'https://other.example' }))).toBe(
      'audience_mismatch',
    );
    const withoutAudience = await outcomeOf(provided, provided.mint({ aud: undefined }));
    expect(withoutAudience).toBe(setUp.audience?.clientIds === undefined ? 'claim_missing' : 200);
  });

  it.each(['refresh_token', 'Refresh', 'Offline', 'logout+jwt'])(
    'are refused when they say that they are of the kind %s',
    async (kind) => {
      await using provided = await startProvidedApp(setUp);
      const header = provided.mint({}, { header: { typ: kind } });
      expect(await outcomeOf(provided, header)).toBe('token_type_not_allowed');
      const claim = provided.mint({ [setUp.profile === 'cognito' ? 'token_use' : 'typ']: kind });
      expect(await outcomeOf(provided, claim)).toBe('token_type_not_allowed');
    },
  );

  it('are accepted with and without a type in the header', async () => {
    await using provided = await startProvidedApp(setUp);
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', null]) {
      expect(await outcomeOf(provided, provided.mint({}, { typ }))).toBe(200);
    }
  });

  it.each(['iat', 'iss', 'exp'])('are refused without %s', async (claim) => {
    await using provided = await startProvidedApp(setUp);
    const reason: RefusalReason = claim === 'iss' ? 'issuer_unknown' : 'claim_missing';
    expect(await outcomeOf(provided, provided.mint({ [claim]: undefined }))).toBe(reason);
  });

  it('are refused where the server is configured for another provider', async () => {
    for (const other of PROVIDERS.filter(({ profile }) => profile !== setUp.profile)) {
      await using provided = await startProvidedApp(other, {
        audience: { anyOf: [RESOURCE], clientIds: ['job'] },
      });
      for (const subjectKind of ['machine', 'user'] as const) {
        const options = { ...setUp.minted, audience: RESOURCE, subjectKind };
        const outcome = await outcomeOf(provided, provided.authority.mintAs(setUp.provider, {}, options));
        // PingOne's tokens have nothing that RFC 9068 does not ask for; what they say of their subject holds.
        const isAlike = setUp.provider === 'auth0-rfc9068' && other.provider === 'pingone';
        const refused = expect.stringMatching(/^(?:claim_missing|claim_invalid|token_type_not_allowed)$/);
        expect([other.provider, subjectKind, outcome]).toEqual([
          other.provider,
          subjectKind,
          isAlike ? 200 : refused,
        ]);
        expect(provided.app.decisions.at(-1)?.callerKind).toBe(isAlike ? subjectKind : undefined);
      }
    }
  });

  it('are refused by the default profile, unless they are what RFC 9068 asks for', async () => {
    await using provided = await startProvidedApp({ ...setUp, profile: 'rfc9068' });
    const isRfc9068 = setUp.provider === 'auth0-rfc9068';
    for (const subjectKind of ['machine', 'user'] as const) {
      const outcome = await outcomeOf(provided, provided.mint({}, { subjectKind }));
      expect(outcome).toBe(isRfc9068 ? 200 : 'token_type_not_allowed');
      expect(provided.app.decisions.at(-1)?.callerKind).toBe(isRfc9068 ? subjectKind : undefined);
    }
  });

  it('that are bound to a key are refused as Bearer', async () => {
    await using provided = await startProvidedApp(setUp);
    const token = provided.mint({ cnf: { jkt: 'x'.repeat(43) } });
    expect(await outcomeOf(provided, token)).toBe('sender_constraint_unmet');
  });

  it('that another algorithm signed are refused', async () => {
    await using provided = await startProvidedApp(setUp);
    const key = await provided.authority.addKey('ES256');
    expect(await outcomeOf(provided, provided.mint({}, { key }))).toBe('algorithm_not_allowed');
  });
});
