import type { AdminContext } from './admin-environment.ts';

/**
 * Answers with lines as they are read. What fails before the first line is a refusal like any other; what fails
 * later cuts the connection, so that an answer that ends is complete. Whoever hangs up ends the reading.
 *
 * @param onFailure - told of what cut an answer off
 */
export async function streamLines(
  c: AdminContext,
  lines: AsyncIterable<string>,
  onFailure: (error: unknown) => void,
): Promise<Response> {
  const iterator = lines[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let next = await iterator.next();
  return c.body(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        if (next.done === true) {
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(next.value));
        try {
          next = await iterator.next();
        } catch (error) {
          onFailure(error);
          c.env.outgoing.destroy();
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    }),
  );
}
