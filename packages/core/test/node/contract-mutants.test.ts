import { AssertionError } from 'node:assert';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { adapterContract, writeContractAnswer, type AdapterContractOptions } from '@mcp-m2m/testing/contract';
import { describe, expect, it } from 'vitest';
import { protectRequest, writeAnswer, type Protected } from '../../src/node/index.ts';
import { startWith, type AdapterSteps } from './contract-server.ts';

/** An adapter that does one thing wrong, and a case that notices. */
interface Mutant {
  readonly does: string;
  readonly changes: Partial<AdapterSteps>;
  readonly noticedBy: string;
}

const isPost = ({ method }: IncomingMessage): boolean => method === 'POST';

function createMutants(): readonly Mutant[] {
  const shared: { caller?: Protected['caller'] } = {};
  return [
    {
      does: 'protects POST alone',
      changes: {
        protect: (server, request, response, options) =>
          isPost(request)
            ? protectRequest(server, request, response, options)
            : ({ ok: true, headers: {} } as unknown as Protected),
      },
      noticedBy: 'GET needs a token like POST',
    },
    {
      does: 'goes on after a refusal',
      changes: { stops: false },
      noticedBy: 'DELETE needs a token like POST',
    },
    {
      does: 'takes the first of several Authorization headers',
      changes: {
        receive: (request) => {
          const { rawHeaders } = request;
          const at = rawHeaders.lastIndexOf('Authorization');
          if (at > rawHeaders.indexOf('Authorization')) rawHeaders.splice(at, 2);
        },
      },
      noticedBy: 'two Authorization headers are refused, whichever comes first',
    },
    {
      does: 'adds a charset to the type of its refusals',
      changes: {
        refuse: (response, { headers, ...answer }) =>
          writeAnswer(response, {
            ...answer,
            headers: { ...headers, 'Content-Type': 'application/json; charset=utf-8' },
          }),
      },
      noticedBy: 'a request without credentials is challenged',
    },
    {
      does: 'writes refusals with a length in characters',
      changes: {
        refuse: (response, { status, headers, body }) =>
          response.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body),
      },
      noticedBy: 'a tool that is not on a closed list is refused, in UTF-8',
    },
    {
      does: 'answers 401 where nothing can be decided',
      changes: {
        refuse: (response, answer) =>
          writeAnswer(response, { ...answer, status: answer.status === 503 ? 401 : answer.status }),
      },
      noticedBy: 'a token that cannot be verified is neither refused nor accepted: 503 with Retry-After',
    },
    {
      does: 'drops the headers of a response that is served',
      changes: { pass: (_response, result) => result },
      noticedBy: 'an answer hands out the next nonce, and is then not to be kept',
    },
    {
      does: 'believes a forwarded prefix',
      changes: {
        protect: (server, request, response) => {
          const prefix = request.headers['x-forwarded-prefix'];
          const url = `${typeof prefix === 'string' ? prefix : ''}${request.url}`;
          return protectRequest(server, request, response, { url });
        },
      },
      noticedBy: 'no header decides what a proof is compared with',
    },
    {
      does: 'keeps its caller where every request sees it',
      changes: {
        receive: () => new Promise((resolve) => setImmediate(resolve)),
        pass: (_response, { caller, parsedBody }) => {
          shared.caller ??= caller;
          return { caller: shared.caller, parsedBody };
        },
      },
      noticedBy: 'callers at the same time never see each other',
    },
    {
      does: 'does not hand on the body',
      changes: { pass: (_response, { caller }) => ({ caller }) },
      noticedBy: 'a token is accepted, and the handler is told who calls',
    },
    {
      does: 'reads the body and does not put it back',
      changes: {
        pass: (response, result) => {
          response.req.read();
          return result;
        },
      },
      noticedBy: 'a body that nobody else has parsed is put back for handlers that read the stream',
    },
    {
      does: 'reads the body before it knows the caller',
      changes: {
        receive: (request) =>
          new Promise((resolve) => request.once('readable', resolve).once('end', resolve)),
      },
      noticedBy: 'a request without a token is answered before its body comes',
    },
    {
      does: 'collects server-sent events before it sends them',
      changes: {
        answer: async (response, answer) => {
          const body = typeof answer.body === 'string' ? answer.body : await new Response(answer.body).text();
          return writeContractAnswer(response, { ...answer, body });
        },
      },
      noticedBy: 'server-sent events pass as they come, and unchanged',
    },
    {
      does: 'keeps streams open whose clients have left',
      changes: {
        answer: (response, { status, headers, body }) => {
          response.writeHead(status, headers);
          if (typeof body === 'string') return response.end(body);
          return (async () => {
            for await (const chunk of body) response.write(chunk);
            response.end();
          })();
        },
      },
      noticedBy: 'a client that leaves its stream ends it',
    },
    {
      does: 'does not tie sessions to their callers',
      changes: {
        protect: (server, request, response, options) => {
          const writeHead = response.writeHead.bind(response);
          const result = protectRequest(server, request, response, options);
          return Promise.resolve(result).then((settled) => {
            response.writeHead = writeHead;
            return settled;
          });
        },
      },
      noticedBy: 'a session is not found by another client, whatever the method',
    },
    {
      does: 'challenges preflights',
      changes: {
        protect: (server, request, response, options) => {
          delete request.headers['access-control-request-method'];
          return protectRequest(server, request, response, options);
        },
      },
      noticedBy: 'a preflight is answered without credentials, and reaches no handler',
    },
    {
      does: 'serves the metadata for every path beneath',
      changes: {
        metadata: (server, method, url) =>
          server.answerMetadata(
            method,
            url.startsWith('/.well-known/') ? new URL(server.metadataUrl).pathname : url,
          ),
      },
      noticedBy: 'the metadata is at no other path',
    },
    {
      does: 'decodes the path before it is compared',
      changes: { metadata: (server, method, url) => server.answerMetadata(method, decodeURIComponent(url)) },
      noticedBy: 'no spelling of the well-known path brings the server down',
    },
    {
      does: 'hands on what a client that left has sent so far',
      changes: {
        receive: async (request) => {
          const body = await text(request).catch(() => '');
          if (body === '{"jsonrpc"') Object.assign(request, { left: true });
          request.unshift(body);
        },
        protect: (server, request, response) =>
          'left' in request
            ? ({ ok: true, headers: {} } as unknown as Protected)
            : protectRequest(server, request, response),
      },
      noticedBy: 'a client that leaves in the middle of its body reaches nobody',
    },
  ];
}

describe('the contract of adapters', () => {
  const named = createMutants().map((mutant) => [mutant.does, mutant] as const);

  it.each(named)('notices an adapter that %s', async (_, { changes, noticedBy }) => {
    const options: AdapterContractOptions = { answerTimeoutMilliseconds: 2000 };
    const find = (start: ReturnType<typeof startWith>) =>
      adapterContract(start, options).find(({ name }) => name === noticedBy);
    const [wrong, right] = [find(startWith(changes)), find(startWith())];
    await expect(right?.run()).resolves.toBeUndefined();
    await expect(wrong?.run()).rejects.toThrow(AssertionError);
  });
});
