import { mcpAuth } from '@mcp-m2m/web';
import {
  createContractHandler,
  toContractResponse,
  type ContractServerOptions,
} from '@mcp-m2m/testing/contract';

/** The fetch handler of a whole server. */
export type ServerFetch = (request: Request) => Response | Promise<Response>;

/** The contract's handler behind the adapter, on nothing but web standards. */
export function createContractFetch(options: ContractServerOptions): ServerFetch {
  const auth = mcpAuth(options);
  const handle = createContractHandler();
  const path = new URL(options.resource).pathname;
  const serve = auth.protectHandler(async ({ method }, { authInfo: caller, parsedBody }) =>
    toContractResponse(await handle({ method, caller, parsedBody })),
  );
  return (request) => {
    const metadata = auth.metadata(request);
    if (metadata !== undefined) return metadata;
    return new URL(request.url).pathname === path
      ? serve(request)
      : new Response('Not here', { status: 404 });
  };
}
