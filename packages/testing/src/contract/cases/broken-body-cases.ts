import type { AdapterContractSettings } from '../adapter-contract-options.ts';
import type { ContractCase } from '../contract-case.ts';
import { readAnswer, type ReceivedAnswer, receiveHead } from '../contract-client.ts';
import {
  callTool,
  type ContractScene,
  type DefineCase,
  LIST_TOOLS,
  type SceneRequest,
} from '../contract-scene.ts';
import { expectNothingServed } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';
import { type ExpectedRefusal, expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import {
  BODY_NOT_JSON,
  BODY_NOT_JSON_RPC,
  BODY_TOO_LARGE,
  MEDIA_TYPE_NOT_SUPPORTED,
  needsRead,
  NO_CREDENTIALS,
  TOKEN_IN_HEADER_AND_BODY,
} from '../expected-refusals.ts';

const MESSAGE = JSON.stringify(LIST_TOOLS);
// One more than what is read.
const TOO_MUCH = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
TOO_MUCH.write(MESSAGE);

const FORM = 'application/x-www-form-urlencoded';

interface BrokenBody {
  readonly name: string;
  readonly request: SceneRequest;
  /** Of the adapter, where it is the first to see the body. */
  readonly refusal: ExpectedRefusal;
  /** What parsers answer, where they come first. 200 where some understand it. */
  readonly statuses: readonly number[];
  /** What parsers make of it that understand it. Default: the message. */
  readonly parsedBody?: object;
  /** Whether the adapter refuses what a parser has understood. */
  readonly refusedWhenParsed?: true;
}

const typed = (type: string | undefined, body: string): SceneRequest => ({
  body,
  headers: { 'Content-Type': type },
});
const encoded = (encoding: string): SceneRequest => ({
  body: MESSAGE,
  headers: { 'Content-Encoding': encoding },
});

const BROKEN: readonly BrokenBody[] = [
  {
    name: 'that ends too soon',
    request: { body: '{"jsonrpc":"2.0"' },
    refusal: BODY_NOT_JSON,
    statuses: [400],
  },
  { name: 'of two messages', request: { body: MESSAGE + MESSAGE }, refusal: BODY_NOT_JSON, statuses: [400] },
  { name: 'that is a text', request: { body: '"tools/list"' }, refusal: BODY_NOT_JSON_RPC, statuses: [400] },
  { name: 'that is null', request: { body: 'null' }, refusal: BODY_NOT_JSON_RPC, statuses: [400] },
  {
    name: 'with a byte order mark',
    request: { body: `\ufeff${MESSAGE}` },
    refusal: BODY_NOT_JSON,
    statuses: [200, 400],
  },
  ...['utf-7', 'utf-16le', '"UTF-16"'].map((charset) => ({
    name: `in the charset ${charset}`,
    request: typed(`application/json; charset=${charset}`, MESSAGE),
    refusal: BODY_NOT_JSON,
    statuses: [200, 400, 415],
  })),
  ...['gzip', 'br', 'x-anything'].map((encoding) => ({
    name: `in the encoding ${encoding}, which it is not in`,
    request: encoded(encoding),
    refusal: BODY_NOT_JSON,
    // 200 of parsers that do not look at the encoding, and so read what is there.
    statuses: [200, 400, 415],
  })),
  ...(
    [
      ['with a byte that is no UTF-8', [0xff]],
      ['that ends a character too soon', [0xc3]],
      ['with a character written longer than it is', [0xc0, 0xaf]],
      ['with a surrogate', [0xed, 0xa0, 0x80]],
    ] as const
  ).map(([name, bytes]) => {
    const body = Buffer.from(JSON.stringify({ ...LIST_TOOLS, text: '?' }));
    const [before, after] = [body.subarray(0, -3), body.subarray(-2)];
    const sent = Buffer.concat([before, Buffer.from(bytes), after]);
    const parsedBody = { ...LIST_TOOLS, text: Buffer.from(bytes).toString() };
    return { name, request: { body: sent }, refusal: BODY_NOT_JSON, statuses: [200, 400], parsedBody };
  }),
  {
    name: 'that is plain text',
    request: typed('text/plain', MESSAGE),
    refusal: MEDIA_TYPE_NOT_SUPPORTED,
    statuses: [400, 415],
  },
  {
    name: 'that is a form',
    request: typed(FORM, 'jsonrpc=2.0&method=tools/list'),
    refusal: MEDIA_TYPE_NOT_SUPPORTED,
    statuses: [415],
  },
  ...['access_token=x', 'jsonrpc=2.0&access%5Ftoken=x', 'access_token=x&access_token=y', 'access_token'].map(
    (form) => ({
      name: `that is a form with another token: ${form}`,
      request: typed(`${FORM}; charset=utf-8`, form),
      refusal: TOKEN_IN_HEADER_AND_BODY,
      statuses: [415],
      refusedWhenParsed: true as const,
    }),
  ),
];

/** Cases about bodies that are broken, empty, too large or not there yet: their answer is whoever parses first's. */
export function defineBrokenBodyCases(
  define: DefineCase,
  { bodies }: AdapterContractSettings,
): readonly ContractCase[] {
  const authFirst = bodies === 'auth-first';
  const expectBroken = (scene: ContractScene, answer: ReceivedAnswer, body: BrokenBody): void => {
    const wasParsed = body.refusedWhenParsed === true && !body.statuses.includes(answer.status);
    if (authFirst || wasParsed) expectRefusal(scene, answer, body.refusal);
    else expectOneOf(answer, body.statuses);
  };

  return [
    ...BROKEN.map(({ parsedBody = LIST_TOOLS, ...body }) =>
      define(`a body ${body.name} is refused`, async (scene) => {
        const token = scene.authority.mint();
        const answer = await scene.send({ ...body.request, token, headers: { ...body.request.headers } });
        expectBroken(scene, answer, body);
        if (answer.status === 200) expectServed(scene, answer, { token, parsedBody });
        else await expectNothingServed(scene);
      }),
    ),
    define('a broken body without a token is refused, by whoever is first', async (scene) => {
      for (const { request, statuses } of BROKEN) {
        const answer = await scene.send(request);
        if (authFirst || answer.status === 401) expectRefusal(scene, answer, NO_CREDENTIALS);
        else
          expectOneOf(
            answer,
            statuses.filter((status) => status !== 200),
          );
      }
      await expectNothingServed(scene);
    }),
    define('a body of no declared media type is taken for JSON, or refused', async (scene) => {
      const token = scene.authority.mint();
      const answer = await scene.send({
        ...typed(undefined, MESSAGE),
        token,
        headers: { 'Content-Type': undefined },
      });
      if (!authFirst && answer.status !== 200) return expectOneOf(answer, [400, 415]);
      expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
    }),
    ...(
      [
        ['with a length of 0', ''],
        ['in no chunks', []],
      ] as const
    ).map(([name, body]) =>
      define(`an empty body, ${name}, needs the base scopes`, async (scene) => {
        const token = scene.authority.mint();
        const served = await scene.send({ token, body });
        if (!authFirst && served.status !== 200) return expectOneOf(served, [400]);
        expectServed(scene, served, { token });
        const refused = await scene.send({ token: scene.authority.mint({ scope: 'other' }), body });
        expectRefusal(scene, refused, needsRead(''));
      }),
    ),
    define('a body that is declared too large is refused', async (scene) => {
      const token = scene.authority.mint();
      const headers = { 'Content-Length': String(TOO_MUCH.length) };
      // Parsers read to the end before they answer.
      const answer = await (authFirst
        ? sendHead(scene, { token, headers })
        : scene.send({ token, body: TOO_MUCH }));
      expectTooLarge(scene, answer);
      await expectNothingServed(scene);
    }),
    define('a body that turns out too large is refused', async (scene) => {
      expectTooLarge(scene, await sendTooMuch(scene, scene.authority.mint()));
      await expectNothingServed(scene);
    }),
    ...(authFirst ? defineAuthFirstCases(define) : []),
  ];
}

/** What only an adapter can promise that sees the body first. */
function defineAuthFirstCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('a body of 3 MiB is handed on', async (scene) => {
      const token = scene.authority.mint();
      const json = callTool('echo', { text: 'x'.repeat(3 * 1024 * 1024) });
      expectServed(scene, await scene.send({ token, json }), { token, parsedBody: json });
    }),
    define('a request without a token is answered before its body comes', async (scene) => {
      for (const headers of [{ 'Content-Length': '100' }, { 'Transfer-Encoding': 'chunked' }]) {
        expectRefusal(scene, await sendHead(scene, { headers }), NO_CREDENTIALS);
      }
      const headers = { 'Content-Length': String(TOO_MUCH.length) };
      expectRefusal(scene, await sendHead(scene, { headers }), NO_CREDENTIALS);
    }),
  ];
}

/** Sends a head that announces a body, and no body. */
async function sendHead(scene: ContractScene, sent: SceneRequest): Promise<ReceivedAnswer> {
  const request = scene.open(sent);
  const answered = receiveHead(request);
  request.flushHeaders();
  try {
    return await readAnswer(await answered);
  } finally {
    request.destroy();
  }
}

/** Sends a message in chunks that is larger than what is read. */
async function sendTooMuch(scene: ContractScene, token: string): Promise<ReceivedAnswer> {
  const headers = { 'Transfer-Encoding': 'chunked' };
  const request = scene.open({ token, headers });
  const answered = receiveHead(request);
  for (let start = 0; start < TOO_MUCH.length; start += 65_536) {
    request.write(TOO_MUCH.subarray(start, start + 65_536));
  }
  // Without its end, as whoever counts knows by now.
  if (scene.settings.bodies === 'parser-first') request.end();
  try {
    return await readAnswer(await answered);
  } finally {
    request.destroy();
  }
}

function expectTooLarge(scene: ContractScene, answer: ReceivedAnswer): void {
  if (scene.settings.bodies === 'auth-first') expectRefusal(scene, answer, BODY_TOO_LARGE);
  else expectOneOf(answer, [413]);
}

function expectOneOf({ status, body }: ReceivedAnswer, statuses: readonly number[]): void {
  if (!statuses.includes(status)) expectSame({ status, body }, { status: statuses, body }, 'the status');
}
