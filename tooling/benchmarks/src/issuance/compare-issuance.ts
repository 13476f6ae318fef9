import { randomOrder } from '../random-order.ts';
import type { ServerProcess } from '../server-process.ts';
import { loadServer, type LoadFigures } from './load-server.ts';
import type { FormRequest } from './token-requests.ts';

/** A server that is loaded in turn with others. */
export interface IssuanceContestant {
  readonly name: string;
  readonly server: ServerProcess;
  readonly next: () => FormRequest;
  /** Default `/token`. */
  readonly path?: string;
}

/** How much is measured. */
export interface Extent {
  /** New processes each time: two with the same program differ. */
  readonly rounds: number;
  readonly turns: number;
  readonly requestsEach: number;
  /** Until V8 has compiled what it will; its compilers take processor time too. */
  readonly warmUpRequests: number;
}

/** The usual extent, and the quick one. */
export function extentOf(quick: boolean): Extent {
  return quick
    ? { rounds: 1, turns: 7, requestsEach: 1500, warmUpRequests: 15_000 }
    : { rounds: 3, turns: 7, requestsEach: 3000, warmUpRequests: 50_000 };
}

/** How a comparison is made, in a sentence. */
export const ISSUANCE_METHOD =
  'New processes in each round, warmed up and then loaded over 32 connections in turn with the others; processor time is that of all threads of the server; ratios are medians over the turns.';

/** Figures by contestant, those of one turn at the same index. */
export type ComparedFigures = ReadonlyMap<string, readonly LoadFigures[]>;

/** Measures contestants in turn. */
export async function compareIssuance(
  extent: Extent,
  start: (stack: DisposableStack) => Promise<readonly IssuanceContestant[]>,
): Promise<ComparedFigures> {
  const figures = new Map<string, LoadFigures[]>();
  for (let round = 0; round < extent.rounds; round++) {
    using stack = new DisposableStack();
    const contestants = await start(stack);
    for (const { server, ...load } of contestants) {
      await loadServer(server, { ...load, requests: extent.warmUpRequests, prepared: false });
    }
    for (let turn = 0; turn < extent.turns; turn++) {
      for (const index of randomOrder(contestants.length)) {
        const contestant = contestants[index];
        if (contestant === undefined) continue;
        const { name, server, ...load } = contestant;
        const known = figures.get(name) ?? [];
        known.push(await loadServer(server, { ...load, requests: extent.requestsEach }));
        figures.set(name, known);
      }
    }
  }
  return figures;
}
