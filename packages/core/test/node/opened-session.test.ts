import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { watchOpenedSession } from '../../src/node/opened-session.ts';
import { listen, send } from './scene.ts';

/** The session ids that are told of a response, and the status it had in the end. */
async function watch(write: (response: ServerResponse) => unknown): Promise<[string[], number | undefined]> {
  const sessions: string[] = [];
  const port = await listen((_, response) => {
    watchOpenedSession(response, (id) => sessions.push(id));
    write(response);
    response.end('done');
  });
  const { status } = await send(port, { method: 'GET' });
  return [sessions, status];
}

describe('watchOpenedSession', () => {
  it.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (response) => response.setHeader('MCP-Session-Id', 's')],
    ['setHeader with a list', (response) => response.setHeader('mcp-session-id', ['s'])],
    ['appendHeader', (response) => response.appendHeader('Mcp-Session-Id', 's')],
    ['setHeaders', (response) => response.setHeaders(new Map([['mcp-session-id', 's']]))],
    ['writeHead', (response) => response.writeHead(200, { 'Mcp-Session-Id': 's' })],
    ['writeHead with a reason', (response) => response.writeHead(200, 'OK', { 'Mcp-Session-Id': 's' })],
    [
      'writeHead with names and values',
      (response) => response.writeHead(200, ['A', 'b', 'Mcp-Session-Id', 's']),
    ],
    [
      'writeHead with pairs',
      (response) => response.writeHead(200, [['Mcp-Session-Id', 's']] as unknown as OutgoingHttpHeader[]),
    ],
    ['writeHead with a list of one', (response) => response.writeHead(200, { 'mcp-session-id': ['s'] })],
    [
      'writeHead over setHeader',
      (response) => response.setHeader('mcp-session-id', 'other').writeHead(200, { 'mcp-session-id': 's' }),
    ],
    [
      'the first write',
      (response) => {
        response.setHeader('mcp-session-id', 's');
        response.write('x');
      },
    ],
    [
      'a middleware that wraps writeHead later on',
      (response) => {
        const inner = response.writeHead.bind(response);
        response.writeHead = (status: number) => {
          response.setHeader('mcp-session-id', 's');
          return inner(status);
        };
      },
    ],
  ])('hears of a session by %s', async (_, write) => {
    expect(await watch(write)).toEqual([['s'], 200]);
  });

  it('hears of a session whose id is a number as the text that is sent', async () => {
    expect(await watch((response) => response.setHeader('mcp-session-id', 42))).toEqual([['42'], 200]);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['without the header', (response) => response.setHeader('x-other', 'mcp-session-id')],
    [
      'whose values look like the header',
      (response) => response.writeHead(200, ['X', 'Mcp-Session-Id', 'Y', 's']),
    ],
    [
      'whose header was removed',
      (response) => response.setHeader('mcp-session-id', 's').removeHeader('mcp-session-id'),
    ],
  ])('hears nothing of a response %s', async (_, write) => {
    expect(await watch(write)).toEqual([[], 200]);
  });

  it('tells before the head leaves, and leaves status and headers as they were', async () => {
    const order: string[] = [];
    const port = await listen((_, response) => {
      watchOpenedSession(response, () => order.push(response.headersSent ? 'sent' : 'not sent'));
      response.writeHead(201, 'Opened', { 'mcp-session-id': 's', 'x-other': 'y' }).end();
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect([response.status, response.statusText, response.headers.get('x-other')]).toEqual([
      201,
      'Opened',
      'y',
    ]);
    expect(order).toEqual(['not sent']);
  });
});
