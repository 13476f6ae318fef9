import type { Acquisition, PreparedAcquisition } from '../acquire-token.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { TokenAcquisitionError } from '../token-acquisition-error.ts';
import type { SharedAcquisition } from './shared-acquisition.ts';

/** How often the store is looked into for the same token. */
const LOOK_AGAIN_MILLISECONDS = 1000;

/** Looks for a token that another has stored while none can be had here. */
export interface StoreLook {
  /** Once a second at most, however many ask: all are answered with what the last look found. */
  find(prepared: PreparedAcquisition): Promise<Acquisition | undefined>;
  /**
   * Likewise, by what was discovered last. A source that has discovered nothing yet does so once for each failure of
   * the client that stands: that says nothing of this server.
   */
  findWhile(
    standing: TokenAcquisitionError,
    selectScopes: (discovery: Discovery) => readonly string[],
  ): Promise<Acquisition | undefined>;
}

/** What {@link createStoreLook} needs. */
export interface StoreLookOptions {
  readonly look: SharedAcquisition['look'];
  readonly now: () => number;
  readonly lastDiscovery: () => Discovery | undefined;
  /** Discovers within a short time, if that may help. Never rejects. */
  readonly discover: () => Promise<void>;
}

/** Creates the {@link StoreLook} of one source. */
export function createStoreLook({ look, now, lastDiscovery, discover }: StoreLookOptions): StoreLook {
  let last: { scopes: string; at: number; found: Promise<Acquisition | undefined> } | undefined;
  let discovery: { readonly retryAt: number | undefined; readonly ended: Promise<void> } | undefined;

  function find(prepared: PreparedAcquisition): Promise<Acquisition | undefined> {
    const scopes = prepared.requestedScopes.join(' ');
    if (last === undefined || last.scopes !== scopes || now() - last.at >= LOOK_AGAIN_MILLISECONDS) {
      last = { scopes, at: now(), found: look(prepared) };
    }
    return last.found;
  }

  return {
    find,
    async findWhile(standing, selectScopes) {
      if (lastDiscovery() === undefined) {
        const retryAt = standing.retryAt?.getTime();
        if (discovery === undefined || discovery.retryAt !== retryAt) {
          discovery = { retryAt, ended: discover() };
        }
        await discovery.ended;
      }
      const known = lastDiscovery();
      return known === undefined
        ? undefined
        : find({ discovery: known, requestedScopes: selectScopes(known) });
    },
  };
}
