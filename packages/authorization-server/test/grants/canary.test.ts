import { inspect } from 'node:util';

import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, signAssertion } from '../assertion.ts';
import { basic, GRANT, requestToken, startServer, type Answer } from '../running-server.ts';
import {
  ACCESS_TOKEN,
  bear,
  CLIENT_ASSERTION,
  JWT_BEARER,
  registerWorkload,
  startIssuer,
  TOKEN_EXCHANGE,
  trustIssuer,
  trustSubject,
  workloadToken,
} from './scene.ts';

describe('assertions, proofs and tokens of the grants', () => {
  it('S2, S3: are in no event and no refusal, whole or in part, wherever they were put', async () => {
    const running = await startServer({ dpopNonces: true, clientCertificate: { from: 'header' } });
    const issuer = await startIssuer();
    const idp = await startIssuer();
    await registerWorkload(running, 'pod', [JWT_BEARER, 'client_credentials']);
    await trustSubject(running, issuer, 'pod');
    await trustIssuer(running, idp, 'id-jag');
    const signer = await registerWithKey(running, 'signer');
    const grantTypes = ['client_credentials', JWT_BEARER, TOKEN_EXCHANGE] as const;
    await running.server.clients.update('signer', { grantTypes: [...grantTypes] });
    const own = async () => await signAssertion(signer.privateKey, claimsFor(signer, running));
    const jag = workloadToken(idp, running, { client_id: 'signer', jti: 'x' }, { typ: 'oauth-id-jag+jwt' });
    const token = workloadToken(issuer, running);
    const wrong = workloadToken(issuer, running, { sub: 'repo:evil/app:x' });
    const issued = await bear(running, token);
    const accessToken = String(issued.body['access_token']);
    const key = await generateDpopKey();
    const proof = createDpopProof({ key, method: 'GET', url: `${running.issuer}/token` });
    const asSigner = async (parameters: Record<string, string>, headers = {}) =>
      await requestToken(
        running,
        { client_assertion_type: CLIENT_ASSERTION, client_assertion: await own(), ...parameters },
        headers,
      );
    const exchange = { grant_type: TOKEN_EXCHANGE, subject_token_type: ACCESS_TOKEN };
    const canaries = [token, wrong, jag, accessToken, proof, await own()];
    const refused: Answer[] = [
      await bear(running, wrong),
      await bear(running, `${token}x`),
      await bear(running, jag),
      await bear(running, accessToken),
      await bear(running, token, { scope: token.slice(0, 60) }),
      await bear(running, token, { resource: `https://mcp.example.com/${token}` }),
      await bear(running, 'x', { client_id: token }),
      await bear(running, token, {}, basic('signer', token)),
      await bear(running, token, {}, { DPoP: proof }),
      await bear(running, token, {}, { DPoP: token }),
      await asSigner({ grant_type: JWT_BEARER, assertion: wrong }),
      await asSigner({ grant_type: JWT_BEARER, assertion: jag, resource: 'https://other.example.com/mcp' }),
      await asSigner({ ...exchange, subject_token: token }),
      await asSigner({
        ...exchange,
        subject_token: accessToken,
        actor_token: jag,
        actor_token_type: ACCESS_TOKEN,
      }),
      await asSigner({ ...exchange, subject_token: accessToken, subject_token_type: jag }),
      await asSigner({ ...GRANT, scope: accessToken.slice(0, 60) }),
      await requestToken(running, {
        ...GRANT,
        client_assertion_type: CLIENT_ASSERTION,
        client_assertion: wrong,
      }),
    ];
    const seen = [JSON.stringify(running.events), inspect(running.events, { depth: 9 })];
    for (const { status, text, headers } of refused) {
      expect([text, status >= 400]).toEqual([text, true]);
      seen.push(text, inspect(headers));
    }
    await running.stop();
    const everything = seen.join('\n');
    for (const canary of canaries) {
      expect(everything).not.toContain(canary);
      for (const part of canary.split('.').slice(1)) expect(everything).not.toContain(part);
    }
  });
});
