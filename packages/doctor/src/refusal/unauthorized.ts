import { parseChallenges } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import type { RecordedExchange } from '../exchange-recorder.ts';
import { failure } from '../findings.ts';
import { providerOf } from '../provider.ts';
import type { Walk } from '../walk.ts';
import { wordsOf } from './refusal-words.ts';

const PROOF_ERRORS: ReadonlySet<string> = new Set(['invalid_dpop_proof', 'use_dpop_nonce']);

/** Says what a 401 is about that answers a request with a token. */
export function explainUnauthorized(walk: Walk, refusal: RecordedExchange): Finding {
  const challenges = parseChallenges(refusal.headers.get('www-authenticate') ?? '');
  const bearer = challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer');
  const dpop = challenges.find(({ scheme }) => scheme.toLowerCase() === 'dpop');
  const error = bearer?.parameters.error ?? dpop?.parameters.error;
  const { settings } = walk;
  if (dpop !== undefined && bearer === undefined && settings.dpop === undefined) {
    return failure(
      'dpop_required',
      'The MCP server takes tokens only that are bound to a key (it asks for DPoP).',
      'Give the client a key for it: dpop: createDpop(), or --dpop on the command line.',
    );
  }
  if (settings.dpop !== undefined && PROOF_ERRORS.has(error ?? '')) {
    return failure(
      'proof_refused',
      `The MCP server does not accept the proof of possession that goes with the token${wordsOf(refusal)}.`,
      'Compare the clocks of the two machines. A proxy before the server must pass the DPoP header on; where it changes host or path, tell the server its public address (publicUrl).',
    );
  }
  if (error === undefined && refusal.authorized) {
    return failure(
      'authorization_header_lost',
      'The MCP server answers as if no token had been sent, and one was.',
      'A proxy before the server may remove the Authorization header: have it pass on. (nginx: proxy_set_header Authorization $http_authorization; Apache with CGI: CGIPassAuth On.) If there is none, the server does not say why it refuses a token: see its log.',
    );
  }
  const provider = providerOf(walk);
  return failure(
    'token_refused',
    `The MCP server does not take the token${wordsOf(refusal)}.`,
    `${provider === undefined ? '' : `The authorization server is ${provider.name}. ${provider.mend} Otherwise: `}Compare issuer, audience and scopes of the token with what the MCP server is configured for; its log has the true reason.`,
  );
}
