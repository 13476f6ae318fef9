import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import Fastify4 from 'fastify-4';

/** The ends of the range of versions that are supported. */
export const FASTIFY_VERSIONS: readonly (readonly [string, CreateFastify])[] = [
  ['Fastify 4', Fastify4 as unknown as CreateFastify],
  ['Fastify 5', Fastify as unknown as CreateFastify],
];

export type CreateFastify = (options?: FastifyServerOptions) => FastifyInstance;

/** A server on a loopback port of its own. */
export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Listens on a loopback port; closing ends every connection that is still open. */
export async function run(app: FastifyInstance): Promise<RunningServer> {
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
  };
  return { origin, close, [Symbol.asyncDispose]: close };
}
