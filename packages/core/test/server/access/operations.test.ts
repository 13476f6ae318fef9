import { describe, expect, it } from 'vitest';
import { readOperations } from '../../../src/server/access/operations.ts';

const message = (method: unknown, params?: unknown, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const only = (body: unknown) => readOperations(body)?.operations[0];

describe('readOperations', () => {
  it.each([
    [
      'tools/call',
      { name: 'deploy', arguments: { a: 1 } },
      { kind: 'tool', name: 'deploy', arguments: { a: 1 } },
    ],
    ['prompts/get', { name: 'review' }, { kind: 'prompt', name: 'review' }],
    ['resources/read', { uri: 'docs://a' }, { kind: 'resource', name: 'docs://a' }],
    ['resources/subscribe', { uri: 'docs://a' }, { kind: 'resource', name: 'docs://a' }],
    ['resources/unsubscribe', { uri: 'docs://a' }, { kind: 'resource', name: 'docs://a' }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'review' } },
      { kind: 'prompt', name: 'review' },
    ],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'docs://a' } },
      { kind: 'resource', name: 'docs://a' },
    ],
    ['tools/list', undefined, { kind: undefined, name: undefined }],
    ['initialize', { name: 'x' }, { kind: undefined, name: undefined }],
  ])('reads what %s works on', (method, params, expected) => {
    expect(only(message(method, params))).toMatchObject({ id: 1, method, ...expected });
  });

  it.each([
    ['an encoded dot segment', 'docs://host/public/%2e%2e/secret', 'docs://host/secret'],
    ['a plain dot segment', 'file:///public/../secret', 'file:///secret'],
    ['the host in upper case', 'https://HOST/a', 'https://host/a'],
    ['a line break', 'https://host/a\n/b', 'https://host/a/b'],
    ['no URI at all', 'not a uri', 'not a uri'],
  ])('resolves a resource with %s as handlers do', (_, uri, expected) => {
    expect(only(message('resources/read', { uri }))?.name).toBe(expected);
  });

  it.each(['x', 7, ''])('keeps the id %j to answer with', (id) => {
    expect(only(message('ping', undefined, id))?.id).toBe(id);
  });

  it.each([undefined, null, {}, ['x'], true])('keeps no id that is none: %j', (id) => {
    expect(only(message('ping', undefined, id === undefined ? null : id))?.id).toBeUndefined();
  });

  it('takes responses for operations without a method', () => {
    expect(only({ jsonrpc: '2.0', id: 1, result: {} })).toMatchObject({ id: undefined, method: undefined });
    expect(only({ jsonrpc: '2.0', id: 1, error: {} })).toMatchObject({ method: undefined });
  });

  it.each([
    undefined,
    null,
    7,
    'tools/list',
    {},
    { id: 1 },
    message(['tools/call']),
    message(null),
    message('tools/call'),
    message('tools/call', {}),
    message('tools/call', { name: 7 }),
    message('tools/call', { name: ['deploy'] }),
    message('tools/call', [{ name: 'deploy' }]),
    message('resources/read', { uri: {} }),
    message('completion/complete', { ref: { type: 'ref/other', name: 'x' } }),
    message('completion/complete', { ref: 'x' }),
    [],
    [message('ping'), 7],
    [message('ping'), [message('ping')]],
    Array.from({ length: 101 }, () => message('ping')),
  ])('reads nothing from %j', (body) => {
    expect(readOperations(body)).toBeUndefined();
  });

  it('leaves a missing name to the server where the policy goes by none of its kind', () => {
    const unnamed = (method: string, kinds: readonly ('tool' | 'resource' | 'prompt')[], params?: unknown) =>
      readOperations(message(method, params), new Set(kinds))?.operations[0];
    expect(unnamed('resources/subscribe', ['tool', 'prompt'])).toMatchObject({
      method: 'resources/subscribe',
      kind: 'resource',
      name: undefined,
    });
    expect(unnamed('resources/subscribe', ['resource'])).toBeUndefined();
    expect(unnamed('tools/call', ['resource'], {})).toMatchObject({ kind: 'tool', name: undefined });
    // What is there and no name is never passed over.
    expect(unnamed('tools/call', [], { name: 7 })).toBeUndefined();
    expect(unnamed('resources/read', [], { uri: {} })).toBeUndefined();
    expect(unnamed('resources/read', [], { uri: `docs://${'a'.repeat(9000)}` })).toBeUndefined();
  });

  it('reads batches up to a hundred, in their order', () => {
    const batch = readOperations([message('ping'), message('tools/call', { name: 'deploy' })]);
    expect(batch).toMatchObject({ batch: true, operations: [{ method: 'ping' }, { name: 'deploy' }] });
    expect(readOperations(Array.from({ length: 100 }, () => message('ping')))?.operations).toHaveLength(100);
    expect(readOperations(message('ping'))?.batch).toBe(false);
  });

  it('reads a subscription to several resources as reading each of them', () => {
    const listen = (resourceSubscriptions: unknown) =>
      readOperations(message('subscriptions/listen', { notifications: { resourceSubscriptions } }));
    expect(listen(['docs://a', 'docs://b/c/../d'])?.operations).toMatchObject([
      { method: 'subscriptions/listen', kind: undefined },
      { method: 'subscriptions/listen', kind: 'resource', name: 'docs://a', id: 1 },
      { method: 'subscriptions/listen', kind: 'resource', name: 'docs://b/d', id: 1 },
    ]);
    expect(listen([])?.operations).toHaveLength(1);
    expect(readOperations(message('subscriptions/listen', { notifications: {} }))?.operations).toHaveLength(
      1,
    );
    expect(listen('docs://a')).toBeUndefined();
    expect(listen([{ uri: 'docs://a' }])).toBeUndefined();
    expect(listen(Array.from({ length: 101 }, () => 'docs://a'))).toBeUndefined();
  });

  it('refuses a URI that is too long to be looked at', () => {
    expect(readOperations(message('resources/read', { uri: `docs://${'a'.repeat(9000)}` }))).toBeUndefined();
  });

  it('refuses a batch with a message of the revision that knows none', () => {
    const modern = message('ping', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } });
    expect(readOperations([message('ping'), modern])).toBeUndefined();
    expect(readOperations(modern)).toBeDefined();
  });
});
