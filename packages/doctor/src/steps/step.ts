import type { StepName } from '../diagnosis.ts';
import type { StepResult, Walk } from '../walk.ts';

/** One station of the walk. */
export interface Step {
  readonly name: StepName;
  readonly title: string;
  /** Looks, and adds what it learnt to the walk. */
  readonly run: (walk: Walk) => Promise<StepResult>;
}
