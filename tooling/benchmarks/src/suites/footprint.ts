import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import type { Suite } from '../measurement.ts';
import { median } from '../statistics.ts';

const run = promisify(execFile);
const ENTRY = import.meta.resolve('@mcp-m2m/core/server');
const IMPORTS = 7;

/** How large `core/server` is, and how long it takes to import. */
export const footprint: Suite = {
  name: 'Footprint of @mcp-m2m/core/server',
  description:
    'Bundled and minified with jose external; import time is that of the module above an empty process.',
  run: async () => {
    const bundle = await rolldown({
      input: new URL(ENTRY).pathname,
      external: ['jose'],
      platform: 'neutral',
    });
    const { output } = await bundle.generate({ format: 'esm', minify: true });
    await bundle.close();
    const code = output.map((chunk) => ('code' in chunk ? chunk.code : '')).join('');
    return [
      { name: 'minified', value: Buffer.byteLength(code) / 1024, unit: 'KiB' },
      { name: 'minified and compressed', value: gzipSync(code).length / 1024, unit: 'KiB' },
      { name: 'import, jose included', value: await importMilliseconds(ENTRY), unit: 'ms' },
      {
        name: 'import of jose alone',
        value: await importMilliseconds(import.meta.resolve('jose')),
        unit: 'ms',
      },
    ];
  },
};

async function importMilliseconds(url: string): Promise<number> {
  const program = `const at = performance.now(); await import(${JSON.stringify(url)}); console.log(performance.now() - at);`;
  const times: number[] = [];
  for (let count = 0; count < IMPORTS; count++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
    times.push(Number(stdout));
  }
  return median(times);
}
