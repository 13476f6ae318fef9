import { join } from 'node:path';

import { afterEach, expect, it } from 'vitest';

import { createTemporaryFolder } from '../temporary-folder.ts';
import { killUnderLoad } from './kill-under-load.ts';
import { killServingProcesses } from './serving-processes.ts';

afterEach(killServingProcesses);

it(
  'a process killed 5 times under load has accepted no assertion twice, and lost no client nor its record',
  { timeout: 120_000 },
  async () => {
    const outcome = await killUnderLoad(join(createTemporaryFolder(), 'auth.db'), 5);
    expect(outcome).toMatchObject({
      acceptedTwice: [],
      lost: [],
      misrecorded: [],
      halfWritten: [],
      integrity: ['ok'],
    });
  },
);
