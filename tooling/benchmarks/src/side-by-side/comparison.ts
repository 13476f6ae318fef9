import type { Contestant } from './contestant.ts';

/** One line of the side-by-side: the same scenario with either client, and what is counted in it. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  /** What ours comes out at, exactly. */
  readonly ours: number;
  readonly better: 'less' | 'more';
  /** Takes the official client so long that only benchmarks wait for it. */
  readonly slow?: true;
  /** Plays the scenario, on an authorization server and MCP servers of its own. */
  readonly measure: (contestant: Contestant) => Promise<number>;
}
