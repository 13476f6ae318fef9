import { writeFile } from 'node:fs/promises';

import { ADMIN_API_TYPES, writeAdminApiTypes } from './admin-api-types.ts';

await writeFile(ADMIN_API_TYPES, await writeAdminApiTypes());
