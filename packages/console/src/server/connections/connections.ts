import { randomBytes } from 'node:crypto';

import type { AssertionSource } from '@mcp-m2m/core/client';
import type { NodeFetch } from '@mcp-m2m/core/node';
import type { Diagnosis, DiagnosisStep } from '@mcp-m2m/doctor';
import { diagnose } from '@mcp-m2m/doctor';

import { ConsoleProblem } from '../http/problem.ts';
import type { ConnectionSeal } from './connection-seal.ts';
import type { ConnectionSettingsValue, ConnectionTestValue } from './connection-settings.ts';
import type { ConnectionStore, StoredConnection } from './connection-store.ts';
import { showConnection, toHealth, type ConnectionView } from './connection-view.ts';
import { toDiagnoseOptions } from './diagnosis-options.ts';
import { refuseUnusable } from './explain-settings.ts';

/** How a test is run. */
export interface TestOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: DiagnosisStep) => void;
}

/** The saved connections, and tests of connections. */
export interface Connections {
  list(): readonly ConnectionView[];
  /** @throws ConsoleProblem `not_found` */
  get(id: string): ConnectionView;
  /** @throws ConsoleProblem that says why it was not saved and what to do */
  add(settings: ConnectionSettingsValue, by: string): ConnectionView;
  /** @throws ConsoleProblem `not_found` */
  delete(id: string): void;
  /** Walks a connection that is not saved. */
  test(settings: ConnectionTestValue, options: TestOptions): Promise<Diagnosis>;
  /** Walks a saved one, and keeps what was found. */
  testSaved(id: string, options: TestOptions): Promise<Diagnosis>;
  close(): void;
}

/** Dependencies of {@link createConnections}. */
export interface ConnectionsDependencies {
  readonly store: ConnectionStore;
  readonly seal: ConnectionSeal;
  /** Guarded: connections lead where somebody has typed. */
  readonly fetch: NodeFetch;
  readonly sources: ReadonlyMap<string, AssertionSource>;
  readonly now: () => number;
}

const MOST_CONNECTIONS = 500;
const MOST_TESTS_AT_ONCE = 8;
const TEST_TIMEOUT_MS = 120_000;

/** Makes the saved connections. Their settings are encrypted as a whole; credentials never come out. */
export function createConnections(dependencies: ConnectionsDependencies): Connections {
  const { store, seal, fetch, sources, now } = dependencies;
  let running = 0;

  return {
    list: () => store.list().map((stored) => showConnection(stored, open(stored))),
    get(id) {
      const stored = find(id);
      return showConnection(stored, open(stored));
    },
    add(settings, by) {
      refuseUnusable(settings, sources);
      const id = randomBytes(12).toString('base64url');
      const sealedSettings = seal.seal(JSON.stringify(settings), id);
      const stored = { id, sealedSettings, createdAt: now(), createdBy: by, health: undefined };
      if (!store.add(stored, MOST_CONNECTIONS)) {
        throw new ConsoleProblem(
          409,
          'too_many_connections',
          `This connection was not saved: there are ${MOST_CONNECTIONS} already. Delete some that nobody needs.`,
        );
      }
      return showConnection(stored, settings);
    },
    delete(id) {
      if (!store.delete(id)) throw missing();
    },
    test: async (settings, options) => await walk(settings, options),
    async testSaved(id, options) {
      const settings = open(find(id));
      if (settings === undefined) {
        throw new ConsoleProblem(
          409,
          'connection_unreadable',
          'The credential of this connection cannot be decrypted: the console was started with another secretKey. Start it with the one before, or delete the connection and add it again.',
        );
      }
      const diagnosis = await walk(settings, options);
      store.setHealth(id, JSON.stringify(toHealth(diagnosis, now())));
      return diagnosis;
    },
    close() {
      fetch.close();
      store.close();
    },
  };

  function find(id: string): StoredConnection {
    const stored = store.find(id);
    if (stored === undefined) throw missing();
    return stored;
  }

  function open({ id, sealedSettings }: StoredConnection): ConnectionSettingsValue | undefined {
    try {
      return JSON.parse(seal.open(sealedSettings, id)) as ConnectionSettingsValue;
    } catch {
      return undefined;
    }
  }

  async function walk(settings: ConnectionTestValue, { signal, onStep }: TestOptions): Promise<Diagnosis> {
    if (running >= MOST_TESTS_AT_ONCE) {
      throw new ConsoleProblem(
        429,
        'too_many_tests',
        `${MOST_TESTS_AT_ONCE} tests are running already. Try again when one of them has ended.`,
        5,
      );
    }
    const options = toDiagnoseOptions(settings, sources);
    running += 1;
    try {
      return await diagnose({
        ...options,
        fetch: (url, init) => fetch(url, init),
        now,
        onStep,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TEST_TIMEOUT_MS)]),
      });
    } finally {
      running -= 1;
    }
  }
}

function missing(): ConsoleProblem {
  return new ConsoleProblem(404, 'not_found', 'There is no such connection; somebody may have deleted it.');
}
