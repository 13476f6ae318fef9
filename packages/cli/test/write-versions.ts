import { writeFile } from 'node:fs/promises';

import { readCatalogVersions, VERSIONS } from './init/catalog-versions.ts';

await writeFile(VERSIONS, `${JSON.stringify(await readCatalogVersions(), undefined, 2)}\n`);
