import type { ContractCase } from '../contract-case.ts';
import { callTool, type ContractScene, type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import { BODY_NOT_JSON_RPC, needsWrite } from '../expected-refusals.ts';

const MESSAGE = JSON.stringify(LIST_TOOLS);

/** Cases about bodies that every parser understands, which therefore are answered the same by whoever parses. */
export function defineBodyCases(define: DefineCase): readonly ContractCase[] {
  const serve = (name: string, body: string, send: Parameters<ContractScene['send']>[0] = {}): ContractCase =>
    define(`a body ${name} is handed on`, async (scene) => {
      const token = scene.authority.mint();
      const answer = await scene.send({ token, body, ...send });
      expectServed(scene, answer, { token, parsedBody: JSON.parse(body) });
    });
  const large = JSON.stringify(callTool('echo', { text: 'ü'.repeat(45_000) }));

  return [
    serve('with a charset', MESSAGE, { headers: { 'Content-Type': 'application/json; charset=utf-8' } }),
    serve('with white space around it', `\n\t ${MESSAGE}\r\n`),
    serve('in one chunk', MESSAGE, { body: [MESSAGE] }),
    serve('in a chunk for each byte', MESSAGE, { body: Array.from(MESSAGE) }),
    serve('of 90,000 bytes', large),
    serve('of 90,000 bytes in chunks that split characters', large, {
      body: splitEvery(Buffer.from(large), 1001),
    }),
    serve(
      'with members of any name',
      '{"jsonrpc":"2.0","id":1,"method":"ping","constructor":{"a":1},"toString":null}',
    ),
    define(
      'a body that nobody else has parsed is put back for handlers that read the stream',
      async (scene) => {
        const body = JSON.stringify(callTool('read', { text: 'fünf €' }));
        for (const sent of [body, splitEvery(Buffer.from(body), 5)]) {
          const answer = await scene.send({ token: scene.authority.mint(), body: sent });
          const { stream } = JSON.parse(answer.body) as { readonly stream: string | null };
          // Null stands for handlers that are given no stream, as behind a parser.
          if (stream !== null) expectSame(stream, body, 'what is left of the body');
        }
      },
    ),
    define('a body with a member twice is judged as it is handled: by the last', async (scene) => {
      const token = scene.authority.mint();
      const body =
        '{"jsonrpc":"2.0","id":7,"method":"tools/list","method":"tools/call","params":{"name":"whoami"},"params":{"name":"start_deployment"}}';
      expectRefusal(scene, await scene.send({ token, body }), needsWrite('"id":7,'));
    }),
    ...(
      [
        ['is no message', { hello: 'world' }],
        ['is an empty batch', []],
        ['is a batch of 101', Array.from({ length: 101 }, () => LIST_TOOLS)],
        ['is a batch with something else in it', [LIST_TOOLS, 7]],
        ['calls a tool without a name', { ...LIST_TOOLS, method: 'tools/call' }],
        ['has a method that is no text', { ...LIST_TOOLS, method: ['tools/list'] }],
      ] as const
    ).map(([name, json]) =>
      define(`a body that ${name} is refused`, async (scene) => {
        expectRefusal(scene, await scene.send({ token: scene.authority.mint(), json }), BODY_NOT_JSON_RPC);
      }),
    ),
    ...['GET', 'DELETE', 'PUT', 'PATCH'].map((method) =>
      define(`the body of a ${method} is judged, or is not handed on`, async (scene) => {
        const token = scene.authority.mint();
        const json = callTool('start_deployment');
        for (const body of [JSON.stringify(json), [JSON.stringify(json)]]) {
          const headers = { 'Content-Type': 'application/json' };
          const answer = await scene.send({ token, method, body, headers });
          if (answer.status === 200) expectServed(scene, answer, { token, method });
          else if (answer.status === 403) expectRefusal(scene, answer, needsWrite('"id":7,'));
          // A server that does not read such a body may refuse to have one.
          else expectSame(answer.status, 400, `the status of a ${method} with a body`);
        }
      }),
    ),
  ];
}

function splitEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}
