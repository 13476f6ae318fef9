import { createTokenSource, type TokenSource } from '@mcp-m2m/core/client';

import { parseDiagnoseOptions, type DiagnoseOptions, type DiagnoseSettings } from './diagnose-options.ts';
import type { Diagnosis, DiagnosisStep } from './diagnosis.ts';
import { createExchangeRecorder, type ExchangeRecorder } from './exchange-recorder.ts';
import { closeSession } from './mcp-session.ts';
import { createRedaction } from './redaction.ts';
import { authorizationServerMetadata } from './steps/authorization-server-metadata.ts';
import { challenge } from './steps/challenge.ts';
import { connection } from './steps/connection.ts';
import { grant } from './steps/grant.ts';
import { handshake } from './steps/handshake.ts';
import { protectedResourceMetadata } from './steps/protected-resource-metadata.ts';
import type { Step } from './steps/step.ts';
import { tokenRequest } from './steps/token-request.ts';
import { token } from './steps/token.ts';
import { toolCall } from './steps/tool-call.ts';
import { tools } from './steps/tools.ts';
import { notReached, takeStep } from './take-step.ts';
import { chooseVerdict } from './verdict.ts';
import type { Walk } from './walk.ts';

const STEPS: readonly Step[] = [
  connection,
  challenge,
  protectedResourceMetadata,
  authorizationServerMetadata,
  grant,
  tokenRequest,
  token,
  handshake,
  tools,
  toolCall,
];

/**
 * Walks the connection of a machine to an MCP server as a client would, and says at every step what was sent,
 * expected and received, what is wrong, and what to do: name and TLS, challenge, both metadata documents, grant, token
 * request, the token, handshake in both protocol revisions, `tools/list`, and a tool if one is named.
 *
 * Sends nothing that changes anything, but for the tool it is told to call. Does not judge what the server's tools do.
 * No member of the result holds a secret, an assertion or a token. A failure of the connection is a finding, never an
 * exception.
 *
 * @param options - `url`, and as much of a client's configuration as is to be examined
 * @throws TypeError when an option is wrong; the reason of `signal`
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const settings = parseDiagnoseOptions(options);
  const began = performance.now();
  const startedAt = new Date(settings.now()).toISOString();
  const redaction = createRedaction();
  for (const secret of secretsOf(settings)) redaction.add(secret);
  const end = new AbortController();
  const recorder = createExchangeRecorder({
    fetch: settings.fetch ?? ((url, init) => fetch(url, init)),
    now: settings.now,
    onSecret: (secret) => redaction.add(secret),
    ended: end.signal,
  });
  const tokenSource = tokenSourceOf(settings, recorder);
  const walk: Walk = { settings, recorder, redaction, tokenSource, signal: AbortSignal.abort() };
  const steps: DiagnosisStep[] = [];
  let failed = false;
  try {
    for (const step of STEPS) {
      const taken: DiagnosisStep = failed ? notReached(step) : await takeStep(step, walk);
      steps.push(taken);
      settings.onStep?.(taken);
      failed ||= taken.status === 'failed';
    }
  } finally {
    if (walk.session !== undefined) await closeSession(walk.session);
    end.abort(new Error('the walk has ended'));
  }
  return {
    url: redaction.show(settings.resource),
    outcome: failed ? 'broken' : walk.tools === undefined ? 'incomplete' : 'healthy',
    verdict: chooseVerdict(steps, walk),
    steps,
    tools: walk.tools,
    startedAt,
    durationMilliseconds: Math.round(performance.now() - began),
  };
}

/** Made before anything is asked, so that a wrong option is told at once. Makes no request by itself. */
function tokenSourceOf(settings: DiagnoseSettings, recorder: ExchangeRecorder): TokenSource | undefined {
  const { resource, issuer, clientId, authentication, token: given, dangerouslyOmitResource } = settings;
  const { grant: by, provider, scopes, dpop, now, tokenParameters, timeoutMilliseconds } = settings;
  if (given !== undefined || clientId === undefined || authentication === undefined) return undefined;
  if (issuer === undefined || settings.isInsecure) return undefined;
  return createTokenSource({
    resource,
    issuer,
    clientId,
    authentication,
    grant: by,
    provider,
    scopes,
    dpop,
    now,
    tokenParameters,
    timeoutMilliseconds,
    dangerouslyOmitResource,
    fetch: recorder.fetch,
  });
}

/** What is secret before anything is asked: a token that was given, and what stands in the query of the URL. */
function secretsOf({ token: given, resource }: DiagnoseSettings): readonly string[] {
  const inQuery = [...new URL(resource).searchParams.values()].filter(({ length }) => length >= 8);
  return given === undefined ? inQuery : [given, ...inQuery];
}
