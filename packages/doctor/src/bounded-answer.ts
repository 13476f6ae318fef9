import { untilAborted } from './deadline.ts';

/** Past this the rest of a refusal says nothing new. */
const MOST_OF_A_REFUSAL = 65_536;
/** No answer of a sound server is longer; an SDK would read on for ever. */
const MOST_OF_AN_ANSWER = 8_388_608;
const MOST_OF_ALL_ANSWERS = 33_554_432;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** An answer is longer than anybody has to read. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError';
  readonly code = 'answer_too_long';
}

/** The beginning of a refusal, and the refusal with that as its body. */
export interface Beginning {
  readonly text: string;
  readonly response: Response;
}

/** Reads a refusal up to 64 KiB and leaves the rest unread; what comes too late is left out as well. */
export async function readBeginning(response: Response, signal: AbortSignal): Promise<Beginning> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return { text: '', response: withBody(response, new Uint8Array()) };
  const reader = response.body.getReader();
  try {
    while (size < MOST_OF_A_REFUSAL) {
      const { done, value } = await untilAborted(reader.read(), signal);
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    // What was read until then is what there is.
  }
  reader.cancel().catch(() => undefined);
  const bytes = new Uint8Array(Buffer.concat(chunks).subarray(0, MOST_OF_A_REFUSAL));
  return { text: new TextDecoder().decode(bytes), response: withBody(response, bytes) };
}

/**
 * Bounds the answers of one walk: each fails once more than 8 MiB of it are read, and all together after 32 MiB, as
 * they are after decoding.
 */
export function createBodyBound(): (response: Response) => Response {
  let leftOfAll = MOST_OF_ALL_ANSWERS;
  return (response) => {
    if (response.body === null || WITHOUT_BODY.has(response.status)) return response;
    let left = MOST_OF_AN_ANSWER;
    const bound = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        left -= chunk.byteLength;
        leftOfAll -= chunk.byteLength;
        if (left < 0 || leftOfAll < 0) controller.error(new AnswerTooLongError('more than is read here'));
        else controller.enqueue(chunk);
      },
    });
    return withBody(response, response.body.pipeThrough(bound));
  };
}

function withBody(
  { status, statusText, headers }: Response,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
): Response {
  // A status outside HTTP's cannot be given to a Response; a server can send it all the same.
  return new Response(body, { status: status > 599 ? 599 : status, statusText, headers });
}
