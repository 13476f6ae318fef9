import type { ReceivedAnswer } from './contract-client.ts';
import { RESOURCE_ORIGIN, type ContractScene } from './contract-scene.ts';
import { expectSame } from './expect-same.ts';

/** A refusal, to the byte. `<metadata>` stands for the address of the metadata document. */
export interface ExpectedRefusal {
  readonly status: number;
  /** Of the header `WWW-Authenticate`; `undefined` where there must be none. */
  readonly challenge?: string;
  readonly body: string;
  /** Headers with a value that cannot be foreseen, and the pattern that it has. */
  readonly patterns?: Readonly<Record<string, RegExp>>;
}

const REFUSAL_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After',
};

const UNFORESEEN = ['retry-after', 'dpop-nonce'];

/** Asserts that an answer is this refusal: status, challenge, headers and body. */
export function expectRefusal(
  { path }: Pick<ContractScene, 'path'>,
  answer: ReceivedAnswer,
  { status, challenge, body, patterns = {} }: ExpectedRefusal,
): void {
  const metadata = `${RESOURCE_ORIGIN}/.well-known/oauth-protected-resource${path}`;
  const fill = (text: string): string => text.replaceAll('<metadata>', metadata);
  const bytes = fill(body);
  const headers: Record<string, string | undefined> = {
    ...REFUSAL_HEADERS,
    'www-authenticate': challenge === undefined ? undefined : fill(challenge),
    'mcp-session-id': undefined,
  };
  for (const name of UNFORESEEN) {
    const value = answer.headers[name];
    const pattern = patterns[name];
    headers[name] =
      pattern === undefined ? undefined : value !== undefined && pattern.test(value) ? value : `${pattern}`;
  }
  // An answer in chunks names no length.
  if ('content-length' in answer.headers) headers['content-length'] = String(Buffer.byteLength(bytes));
  const received = Object.fromEntries(Object.keys(headers).map((name) => [name, answer.headers[name]]));
  expectSame({ ...answer, headers: received }, { status, headers, body: bytes }, 'the refusal');
}
