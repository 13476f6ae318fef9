// Runs in workerd: the server of one case of the contract.
import type { ContractServerOptions } from '@mcp-m2m/testing/contract';
import { createContractFetch, type ServerFetch } from '../contract-fetch.ts';

let serve: ServerFetch | undefined;

export default {
  fetch(request: Request, { OPTIONS }: { readonly OPTIONS: string }): Response | Promise<Response> {
    serve ??= createContractFetch(JSON.parse(OPTIONS) as ContractServerOptions);
    return serve(request);
  },
};
