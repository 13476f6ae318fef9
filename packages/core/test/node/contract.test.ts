import { adapterContract } from '@mcp-m2m/testing/contract';
import { describe, it } from 'vitest';
import { startWith } from './contract-server.ts';

describe.each(['/mcp', '/tenants/acme/mcp'])('core behind a plain Node.js server, at %s', (path) => {
  const cases = adapterContract(startWith(), { path });
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, expectKept) => expectKept());
});
