// Runs in Bun or Deno: starts a server of the contract for each POST and stops it for each DELETE of its port.
import process from 'node:process';
import type { ContractServerOptions } from '@mcp-m2m/testing/contract';
import { createContractFetch } from '../contract-fetch.ts';
import { serveFetch, type Served } from './serve-fetch.ts';

const servers = new Map<string, Served>();

const control = serveFetch(async (request) => {
  if (request.method === 'POST') {
    const served = serveFetch(createContractFetch((await request.json()) as ContractServerOptions));
    servers.set(String(served.port), served);
    return new Response(String(served.port));
  }
  const port = new URL(request.url).pathname.slice(1);
  await servers.get(port)?.stop();
  servers.delete(port);
  return new Response(null, { status: 204 });
});
process.stdout.write(`${control.port}\n`);
