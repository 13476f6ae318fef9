import { API_URL, PAGE_HEADERS, type ConsoleSchemas } from '../api/calls.ts';
import { Failure, readFailure, unreachable } from '../api/failure.ts';

export type TestLine = ConsoleSchemas['TestLine'];

/**
 * Runs a test and hands over its lines as they come. The last one always says what came of it; where the connection to
 * the console ends before, that is said instead.
 *
 * @param path - below the console's API
 * @throws Failure where the test was not begun, or the signal's reason
 */
export async function readTest(
  path: string,
  settings: ConsoleSchemas['ConnectionTest'] | undefined,
  onLine: (line: TestLine) => void,
  signal: AbortSignal,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(API_URL + path, {
      method: 'POST',
      headers: { ...PAGE_HEADERS, ...(settings === undefined ? {} : { 'content-type': 'application/json' }) },
      signal,
      ...(settings === undefined ? {} : { body: JSON.stringify(settings) }),
    });
  } catch {
    signal.throwIfAborted();
    throw unreachable();
  }
  if (!response.ok || response.body === null) throw await readFailure(response);
  let ended = false;
  let rest = '';
  try {
    for await (const text of textsOf(response.body)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const parsed = JSON.parse(line) as TestLine;
        ended ||= parsed.type !== 'step';
        onLine(parsed);
      }
    }
  } catch {
    signal.throwIfAborted();
  }
  if (!ended) {
    throw new Failure(
      0,
      'test_cut_short',
      'The console stopped answering before the test had ended. See whether it still runs, then test again.',
    );
  }
}

async function* textsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
