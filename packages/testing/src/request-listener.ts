import type { RequestListener, ServerResponse } from 'node:http';
import { sendAnswer } from './endpoint-answer.ts';
import type { ServedEndpoint } from './endpoint.ts';
import { readRequestBody, type EndpointName, type RecordedRequest } from './recorded-request.ts';

/** What the listener needs from its authority. */
export interface ListenerContext {
  route(path: string): { name: EndpointName; endpoint: ServedEndpoint };
  record(request: RecordedRequest): void;
  /** Whether the whole authority is out, and how. */
  outage(): 'down' | 'hang' | undefined;
  now(): number;
}

/** Creates the HTTP listener: each request is recorded first, then answered, cut off or left hanging. */
export function createRequestListener(context: ListenerContext): RequestListener {
  return (request, response) => {
    const path = request.url ?? '/';
    const { name, endpoint } = context.route(path.split('?', 1)[0] ?? path);
    void (async () => {
      const body = await readRequestBody(request);
      if (body === undefined) return sendAnswer(response, { status: 413, headers: { connection: 'close' } });
      const recorded: RecordedRequest = {
        endpoint: name,
        method: request.method ?? 'GET',
        path,
        headers: request.headers,
        body,
        time: context.now(),
      };
      context.record(recorded);
      endpoint.record(recorded);
      const outage = context.outage();
      if (outage === 'down') return void response.destroy();
      if (outage === 'hang') return;
      await endpoint.serve(recorded, response);
    })().catch((error: unknown) => failVisibly(response, error));
  };
}

/** A test's own answer function may throw; the reason belongs where its author will see it. */
function failVisibly(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { 'content-type': 'text/plain' });
  response.end(`The test authority failed: ${error instanceof Error ? error.message : String(error)}`);
}
