import { parseJsonObject } from '../../json-document.ts';

/** The JSON object of an answer; `undefined` where it is something else. */
export function readJsonAnswer(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseJsonObject('the token endpoint', body);
  } catch {
    // Its error may quote the text, which may hold a token.
    return undefined;
  }
}
