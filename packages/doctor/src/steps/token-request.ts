import { printable } from '@mcp-m2m/core';
import { TokenAcquisitionError, type TokenSource } from '@mcp-m2m/core/client';

import { note } from '../findings.ts';
import { explainAcquisition } from '../token-acquisition-finding.ts';
import type { StepResult, Walk } from '../walk.ts';
import { methodsOf } from './grant.ts';
import type { Step } from './step.ts';

/** Requests a token exactly as a client does. */
export const tokenRequest: Step = {
  name: 'token_request',
  title: 'Token request',
  async run(walk) {
    const { settings, issuer, tokenSource } = walk;
    const { token, clientId } = settings;
    if (token !== undefined) {
      walk.token = {
        accessToken: token,
        tokenType: settings.dpop === undefined ? 'Bearer' : 'DPoP',
        scopes: [],
        expiresAt: undefined,
      };
      return { skipped: true, received: 'the token that was given is used' };
    }
    if (clientId === undefined) {
      return {
        skipped: true,
        received: `no credential was given for ${issuer ?? 'the authorization server'}`,
        findings: [
          note(
            'credential_needed',
            'As far as a client comes without a credential, the way is open.',
            'Give a client id and a secret or key to have a token requested and the tools listed.',
          ),
        ],
      };
    }
    if (issuer === undefined || tokenSource === undefined) {
      return { skipped: true, received: 'no authorization server is known' };
    }
    return await requestToken(walk, tokenSource, issuer);
  },
};

async function requestToken(walk: Walk, tokenSource: TokenSource, issuer: string): Promise<StepResult> {
  const { settings, recorder, signal } = walk;
  const since = recorder.count();
  const endpoint = walk.authorizationServer?.tokenEndpoint ?? issuer;
  const describeRequest = (): string => {
    const form = recorder.since(since).findLast((exchange) => exchange.form !== undefined)?.form;
    return form === undefined
      ? `POST ${endpoint} as client ${settings.clientId}`
      : `POST ${endpoint} as client ${settings.clientId}, by ${methodsOf(walk)
          .map(({ method }) => method)
          .join(' or ')}: ${form}`;
  };
  try {
    const token = await tokenSource.getToken({ signal });
    walk.redaction.add(token.accessToken);
    walk.token = token;
    return {
      sent: describeRequest(),
      expected: 'an access token',
      received: `a ${token.tokenType} token, ${describeLifetime(token.expiresAt, settings.now())}, scopes ${printable(token.scopes)}`,
    };
  } catch (error) {
    if (!(error instanceof TokenAcquisitionError)) throw error;
    const { expected, received, server } = error;
    const asked = error.step === 'token_request' || error.step === 'token_response';
    return {
      sent: asked ? describeRequest() : `a request to ${server}, before the token request`,
      expected,
      received,
      findings: [explainAcquisition(error, walk)],
    };
  }
}

function describeLifetime(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'lifetime not said';
  return `${Math.round(expiresAt - now / 1000)} seconds`;
}
