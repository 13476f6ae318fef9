import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, it } from 'vitest';

import { writeApiTypes } from '../api-types.ts';

it('the page is typed from the OpenAPI documents as they are', async () => {
  for (const [file, types] of await writeApiTypes()) {
    const name = path.basename(file.pathname);
    expect(readFileSync(file, 'utf8'), `${name} is old: npm run generate`).toBe(types);
  }
});
