import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { createTemporaryFolder } from '../temporary-folder.ts';
import { killUnderLoad } from './kill-under-load.ts';
import { killServingProcesses } from './serving-processes.ts';

afterEach(killServingProcesses);

it(
  'a process on an SQLite file, killed 100 times under load, has accepted no assertion twice, and lost no client nor its record',
  { timeout: 600_000 },
  async () => {
    const outcome = await killUnderLoad(join(createTemporaryFolder(), 'auth.db'), 100);
    expect(outcome).toMatchObject({
      acceptedTwice: [],
      lost: [],
      misrecorded: [],
      halfWritten: [],
      integrity: ['ok'],
    });
    // The load was one: without acknowledged work there is nothing to lose.
    expect(outcome.acknowledged).toBeGreaterThan(100);
    expect(outcome.accepted).toBeGreaterThan(100);
  },
);
