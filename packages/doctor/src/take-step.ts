import type { DiagnosisStep, Finding, StepStatus } from './diagnosis.ts';
import { startDeadline } from './deadline.ts';
import { failure } from './findings.ts';
import type { Redaction } from './redaction.ts';
import { explainRequestFailure } from './steps/request-failure.ts';
import type { Step } from './steps/step.ts';
import type { StepResult, Walk } from './walk.ts';

/**
 * Takes one step, within its time. Whatever goes wrong in it is a finding; everything that is said of it is free of
 * secrets and safe for a terminal.
 *
 * @throws the reason of the walk's signal
 */
export async function takeStep(step: Step, walk: Walk): Promise<DiagnosisStep> {
  const { timeoutMilliseconds, signal } = walk.settings;
  signal?.throwIfAborted();
  const deadline = startDeadline(timeoutMilliseconds, signal);
  walk.signal = deadline.signal;
  const began = performance.now();
  let result: StepResult;
  try {
    result = await step.run(walk);
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    result = explainException(walk, error, deadline.isOver());
  } finally {
    deadline.stop();
  }
  const { redaction } = walk;
  const show = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redaction.show(text);
  return {
    name: step.name,
    title: step.title,
    status: statusOf(result),
    sent: show(result.sent),
    expected: show(result.expected),
    received: show(result.received),
    durationMilliseconds: Math.round(performance.now() - began),
    findings: (result.findings ?? []).map((finding) => redact(finding, redaction)),
  };
}

/** A step that the walk did not come to. */
export function notReached({ name, title }: Step): DiagnosisStep {
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

function redact(finding: Finding, redaction: Redaction): Finding {
  return { ...finding, message: redaction.show(finding.message), fix: redaction.show(finding.fix) };
}

function statusOf({ findings = [], skipped = false }: StepResult): StepStatus {
  if (findings.some(({ severity }) => severity === 'failure')) return 'failed';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warned';
  return skipped ? 'skipped' : 'passed';
}

/** What a step did not expect: the network, mostly. */
function explainException({ settings }: Walk, error: unknown, timedOut: boolean): StepResult {
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
  const words = wordsOf(error);
  // A request that fails says why in its cause; what comes without one was thrown by a program.
  if (error instanceof Error && error.cause === undefined && !('code' in error)) {
    return {
      received: words,
      findings: [
        failure(
          'step_failed',
          `This step ended in an error that nobody expected: ${words}.`,
          'If fetch is a function of your own, see whether it throws; otherwise the server sends what no client can read. Tell the authors of this package.',
        ),
      ],
    };
  }
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
