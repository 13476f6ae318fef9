import { startDeadline } from '../../deadline.ts';
import { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { TimeBudget } from '../token-endpoint/time-budget.ts';
import type { AcquisitionGate } from './acquisition-gate.ts';

/** One attempt's way past the failures and the requests of the others of its client. */
export interface Passage {
  /** Whether the gate has let it in. */
  readonly entered: boolean;
  /** What it was refused with, having asked nobody. */
  readonly refusal: TokenAcquisitionError | undefined;
  /** Whether the token request had less than half of the time: what precedes it may have taken the rest. */
  readonly shortOfTime: boolean;
  /** Asks the gate once. */
  enterGate(): TokenAcquisitionError | undefined;
  /**
   * To be waited for before a request; the first time waits for its turn.
   *
   * @throws TokenAcquisitionError `timeout`, or what another has been refused with meanwhile
   */
  takeTurn(budget: TimeBudget): Promise<void>;
  /** The outcome has been told to the gate: those who wait go on. */
  end(): void;
}

/** Whose passage it is. */
export interface PassageOptions {
  readonly grantType: string;
  readonly resource: string;
  readonly issuer: string;
}

/** Creates the {@link Passage} of one attempt. */
export function createPassage(
  gate: AcquisitionGate,
  { grantType, resource, issuer }: PassageOptions,
): Passage {
  let entered = false;
  let refusal: TokenAcquisitionError | undefined;
  let shortOfTime = false;
  let endTurn: (() => void) | undefined;

  async function waitForTurn(budget: TimeBudget): Promise<() => void> {
    const deadline = startDeadline(budget.remainingMilliseconds());
    try {
      return await gate.takeTurn(deadline.signal);
    } catch {
      shortOfTime = true;
      throw new TokenAcquisitionError('timeout', {
        step: 'token_request',
        resource,
        server: issuer,
        expected: `an answer within ${budget.totalMilliseconds} ms in all`,
        received: 'none yet to the first request of this client, which the others wait for',
      });
    } finally {
      deadline.stop();
    }
  }

  return {
    get entered() {
      return entered;
    },
    get refusal() {
      return refusal;
    },
    get shortOfTime() {
      return shortOfTime;
    },
    enterGate() {
      if (!entered) refusal = gate.enter(grantType);
      entered = refusal === undefined;
      return refusal;
    },
    async takeTurn(budget) {
      if (endTurn === undefined) {
        endTurn = await waitForTurn(budget);
        // What another has met meanwhile holds for this one too.
        refusal = gate.standing(grantType);
        if (refusal !== undefined) throw refusal;
      }
      shortOfTime = budget.remainingMilliseconds() * 2 < budget.totalMilliseconds;
    },
    end: () => endTurn?.(),
  };
}
