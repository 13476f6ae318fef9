/** A token as a generous reader sees it, which is what the predicates of the explained classes look at. */
export interface TokenView {
  readonly token: string;
  readonly parts: readonly string[];
  /** The header and the claims as bytes. */
  readonly bytes: readonly Buffer[];
  /** The same as text, bad UTF-8 replaced. */
  readonly texts: readonly string[];
  /** Of repeated members the last one; empty where there is no JSON object. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads a token generously, without the code under test. */
export function viewToken(token: string): TokenView {
  const parts = token.trim().split('.');
  const bytes = parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url'));
  const texts = bytes.map((part) => part.toString('utf8').replace(/^\ufeff/, ''));
  const [header = {}, claims = {}] = texts.map(parseObject);
  return { token, parts, bytes, texts, header, claims };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** Every value in a JSON value, itself first, with how deep it lies. */
export function* valuesWithin(
  value: unknown,
  depth = 1,
): Generator<readonly [value: unknown, depth: number]> {
  yield [value, depth];
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) yield* valuesWithin(inner, depth + 1);
}

/** Whether a text of JSON writes more members than its value has. */
export function hasRepeatedMember(text: string, value: unknown): boolean {
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?=(\s*:)?)/g)].filter(
    ([, colon]) => colon !== undefined,
  );
  let kept = 0;
  for (const [inner] of valuesWithin(value)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      kept += Object.keys(inner).length;
  }
  return written.length > kept;
}
