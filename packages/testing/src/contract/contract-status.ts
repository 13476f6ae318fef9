import { AssertionError } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractScene } from './contract-scene.ts';
import { expectSame } from './expect-same.ts';

/** What the handler says about itself. */
export interface HandlerStatus {
  /** Requests that reached it so far, without the suite's own. */
  readonly served: number;
  /** Requests that it has not answered to the end. */
  readonly open: number;
}

/**
 * Asks the handler until it is as expected.
 *
 * @throws AssertionError when it is not for as long as a case waits
 */
export async function waitForStatus(
  scene: ContractScene,
  isExpected: (status: HandlerStatus) => boolean,
): Promise<HandlerStatus> {
  const { answerTimeoutMilliseconds: patience } = scene.settings;
  for (const endsAt = Date.now() + patience; ;) {
    const status = (await scene.control('status')) as HandlerStatus;
    if (isExpected(status)) return status;
    if (Date.now() > endsAt) {
      const message = `The handler is not as expected after ${patience} milliseconds: ${JSON.stringify(status)}`;
      throw new AssertionError({ message, actual: status, stackStartFn: waitForStatus });
    }
    await sleep(10);
  }
}

/** Asserts that no request but the suite's own has reached the handler. */
export async function expectNothingServed(scene: ContractScene): Promise<void> {
  expectSame(await scene.control('status'), { served: 0, open: 0 }, 'what the handler served');
}
