import { z } from '@hono/zod-openapi';
import type { Diagnosis, DiagnosisStep } from '@mcp-m2m/doctor';
import { stream } from 'hono/streaming';

import { ConsoleProblem } from '../http/problem.ts';
import type { TestOptions } from '../connections/connections.ts';
import { Finding } from '../connections/connection-view.ts';
import type { ApiContext } from './api-environment.ts';

export const Step = z
  .object({
    name: z.string(),
    title: z.string(),
    status: z.enum(['passed', 'warned', 'failed', 'skipped']),
    sent: z.string().optional(),
    expected: z.string().optional(),
    received: z.string().optional(),
    durationMilliseconds: z.number(),
    findings: z.array(Finding),
  })
  .openapi('Step');

/** A line of a test: a step as it ends; and at last what was found, or why the test could not be run. */
export const TestLine = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('step'), step: Step }),
    z.object({
      type: z.literal('diagnosis'),
      outcome: z.enum(['healthy', 'incomplete', 'broken']),
      verdict: Finding.optional(),
      tools: z.array(z.object({ name: z.string(), description: z.string().optional() })).optional(),
    }),
    z.object({ type: z.literal('failure'), message: z.string() }),
  ])
  .openapi('TestLine');

type Line =
  | { readonly type: 'step'; readonly step: DiagnosisStep }
  | ({ readonly type: 'diagnosis' } & Pick<Diagnosis, 'outcome' | 'verdict' | 'tools'>)
  | { readonly type: 'failure'; readonly message: string };

/**
 * Answers with the lines of a test while it runs. The last line always says what came of it.
 *
 * @param run - the test
 * @param onFailure - told of what nobody expected
 */
export function streamDiagnosis(
  c: ApiContext,
  run: (options: TestOptions) => Promise<Diagnosis>,
  onFailure: (error: unknown) => void,
): never {
  c.header('Content-Type', 'application/x-ndjson');
  c.header('X-Accel-Buffering', 'no');
  return stream(c, async (sink) => {
    const controller = new AbortController();
    sink.onAbort(() => controller.abort(new Error('nobody is listening')));
    let written = Promise.resolve<unknown>(undefined);
    const write = (line: Line): void => {
      written = written.then(() => sink.write(`${JSON.stringify(line)}\n`));
    };
    try {
      const { outcome, verdict, tools } = await run({
        signal: controller.signal,
        onStep: (step) => write({ type: 'step', step }),
      });
      write({ type: 'diagnosis', outcome, verdict, tools });
    } catch (error) {
      write({ type: 'failure', message: wordsOf(error, onFailure) });
    }
    await written;
  }) as never;
}

function wordsOf(error: unknown, onFailure: (error: unknown) => void): string {
  if (error instanceof ConsoleProblem) return error.message;
  // A configuration that cannot be used names the option and the mend.
  if (error instanceof TypeError && error.cause === undefined) return error.message;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return 'The test took more than two minutes and was ended. See which step above took long, and whether that server hangs.';
  }
  onFailure(error);
  return 'The test could not be run to its end; the operator of this console sees why. Try again.';
}
