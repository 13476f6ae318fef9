import { useEffect, useRef, useState } from 'react';

import type { ConsoleSchemas } from '../api/calls.ts';
import { wordsOf } from '../api/failure.ts';
import { readTest, type TestLine } from './read-lines.ts';

/** How far a test has come. */
export interface TestState {
  readonly running: boolean;
  readonly steps: readonly ConsoleSchemas['Step'][];
  readonly result: Extract<TestLine, { type: 'diagnosis' }> | undefined;
  /** Why the test could not be run. */
  readonly failure: string | undefined;
}

const IDLE: TestState = { running: false, steps: [], result: undefined, failure: undefined };

/** Runs tests, one at a time: a new one ends the one before. */
export function useTest() {
  const [state, setState] = useState(IDLE);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function run(path: string, settings?: ConsoleSchemas['ConnectionTest']): Promise<void> {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const update = (change: (before: TestState) => TestState): void => {
      if (!controller.signal.aborted) setState(change);
    };
    setState({ ...IDLE, running: true });
    try {
      await readTest(
        path,
        settings,
        (line) =>
          update((before) =>
            line.type === 'step'
              ? { ...before, steps: [...before.steps, line.step] }
              : line.type === 'diagnosis'
                ? { ...before, result: line }
                : { ...before, failure: line.message },
          ),
        controller.signal,
      );
    } catch (error) {
      update((before) => ({ ...before, failure: wordsOf(error) }));
    }
    update((before) => ({ ...before, running: false }));
  }

  return { state, run };
}
