import { createConcealment } from '@mcp-m2m/core/client';

import { parseDiagnoseOptions, type DiagnoseOptions } from './diagnose-options.ts';
import type { Diagnosis, DiagnosisStep, StepStatus } from './diagnosis.ts';
import { createExchangeRecorder } from './exchange-recorder.ts';
import { chooseVerdict, failure } from './findings.ts';
import { authorizationServerMetadata } from './steps/authorization-server-metadata.ts';
import { challenge } from './steps/challenge.ts';
import { connection } from './steps/connection.ts';
import { explainRequestFailure } from './steps/request-failure.ts';
import { grant } from './steps/grant.ts';
import { handshake } from './steps/handshake.ts';
import { protectedResourceMetadata } from './steps/protected-resource-metadata.ts';
import type { Step } from './steps/step.ts';
import { tokenRequest } from './steps/token-request.ts';
import { token } from './steps/token.ts';
import { toolCall } from './steps/tool-call.ts';
import { tools } from './steps/tools.ts';
import type { StepResult, Walk } from './walk.ts';

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
  const walk: Walk = {
    settings,
    recorder: createExchangeRecorder(settings.fetch ?? ((url, init) => fetch(url, init)), settings.now),
    concealment: createConcealment(),
    signal: AbortSignal.abort(),
  };
  const steps: DiagnosisStep[] = [];
  let failed = false;
  try {
    for (const step of STEPS) {
      const taken: DiagnosisStep = failed ? notReached(step) : await take(step, walk);
      steps.push(taken);
      settings.onStep?.(taken);
      failed ||= taken.status === 'failed';
    }
  } finally {
    await walk.session?.client.close().catch(() => undefined);
  }
  const verdict = chooseVerdict(steps.flatMap(({ findings }) => findings));
  return {
    url: settings.resource,
    outcome: failed ? 'broken' : walk.tools === undefined ? 'incomplete' : 'healthy',
    verdict,
    steps,
    tools: walk.tools,
    startedAt,
    durationMilliseconds: Math.round(performance.now() - began),
  };
}

async function take(step: Step, walk: Walk): Promise<DiagnosisStep> {
  const { timeoutMilliseconds, signal } = walk.settings;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMilliseconds);
  walk.signal = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const began = performance.now();
  let result: StepResult;
  try {
    result = await step.run(walk);
  } catch (error) {
    signal?.throwIfAborted();
    result = explainException(walk, error, timeout.aborted);
  }
  const findings = result.findings ?? [];
  return {
    name: step.name,
    title: step.title,
    status: statusOf(result),
    sent: result.sent,
    expected: result.expected,
    received: result.received,
    durationMilliseconds: Math.round(performance.now() - began),
    findings,
  };
}

function statusOf({ findings = [], skipped = false }: StepResult): StepStatus {
  if (findings.some(({ severity }) => severity === 'failure')) return 'failed';
  if (skipped) return 'skipped';
  return findings.some(({ severity }) => severity === 'warning') ? 'warned' : 'passed';
}

function notReached({ name, title }: Step): DiagnosisStep {
  return {
    name,
    title,
    status: 'skipped',
    sent: undefined,
    expected: undefined,
    received: 'not reached',
    durationMilliseconds: 0,
    findings: [],
  };
}

/** What a step did not expect: the network, mostly. */
function explainException({ settings, concealment }: Walk, error: unknown, timedOut: boolean): StepResult {
  const { resource, timeoutMilliseconds } = settings;
  if (timedOut) {
    return {
      received: `nothing within ${timeoutMilliseconds} ms`,
      findings: [
        failure(
          'timed_out',
          `${resource} does not answer within ${timeoutMilliseconds} ms.`,
          'See whether the server hangs; if it is slow by nature, raise timeoutMilliseconds.',
        ),
      ],
    };
  }
  const explained = explainRequestFailure(error, resource);
  if (explained !== undefined) return explained;
  // A mistake in the configuration is told by whoever called; nothing of the network is a TypeError without a cause.
  if (error instanceof TypeError && error.cause === undefined) throw error;
  const words = concealment.show(wordsOf(error), 200);
  return {
    received: words,
    findings: [
      failure(
        'unreachable',
        `The request to ${resource} failed: ${words}.`,
        'See whether the server runs, and whether this machine may reach it.',
      ),
    ],
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a failure';
  const { cause } = error;
  const code = cause instanceof Error ? ((cause as { code?: unknown }).code ?? cause.message) : undefined;
  return typeof code === 'string' && code !== '' ? code : error.message;
}
