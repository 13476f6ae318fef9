import { writeOpenApiTypes } from 'openapi-types';

import { startConsole } from './console-scene.ts';

/** The types of both APIs as their documents say they are, by the file that has them. */
export async function writeApiTypes(): Promise<ReadonlyMap<URL, string>> {
  const scene = await startConsole();
  try {
    const types = async (path: string): Promise<string> =>
      await writeOpenApiTypes((await (await fetch(scene.origin + path)).json()) as object);
    return new Map([
      [fileOf('admin-api'), await types('/admin/v1/openapi.json')],
      [fileOf('console-api'), await types('/console/api/openapi.json')],
    ]);
  } finally {
    await scene.stop();
  }
}

function fileOf(name: string): URL {
  return new URL(`../src/page/api/${name}.ts`, import.meta.url);
}
