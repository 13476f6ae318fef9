import { TokenAcquisitionError, type TokenSource } from '@mcp-m2m/core/client';

/** How many milliseconds to wait before a job is tried again; `undefined` once there is a token. */
export async function waitForToken(tokens: TokenSource): Promise<number | undefined> {
  try {
    await tokens.getToken({ signal: AbortSignal.timeout(2000) }); // ends this wait, not the request
    return undefined;
  } catch (error) {
    if (!(error instanceof TokenAcquisitionError)) throw error;
    console.error(error.message); // step, server, expected, received, what to do
    return error.retryAt === undefined ? 1000 : error.retryAt.getTime() - Date.now();
  }
}
