import { writeFileSync } from 'node:fs';

import { writeApiTypes } from './api-types.ts';

for (const [file, types] of await writeApiTypes()) writeFileSync(file, types);
