import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Caller, ResourceServer } from '@mcp-m2m/core/server';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../src/http-exchange.ts';
import { attachCaller, callerOf, hasPassed } from '../src/protected-requests.ts';

class McpController {
  readonly handle = (): void => undefined;
}
const { handle } = new McpController();

function contextOf(request: HttpRequest): ExecutionContextHost {
  return new ExecutionContextHost([request, {}], McpController, handle);
}

const resource = {} as ResourceServer;
const caller = { clientId: 'nightly-report' } as Caller;

function passedRequest(): HttpRequest {
  const request = new IncomingMessage(new Socket()) as HttpRequest;
  attachCaller(request, contextOf(request), resource, caller);
  return request;
}

describe('a request that passed', () => {
  it('has passed, and has its caller', () => {
    const request = passedRequest();
    expect(hasPassed(request, contextOf(request), resource)).toBe(true);
    expect(callerOf(contextOf(request))).toBe(caller);
  });

  it.each<[string, (request: HttpRequest) => HttpRequest]>([
    ['a copy of it', (request) => ({ ...request })],
    ['what inherits from it', (request) => Object.create(request) as HttpRequest],
    ['a request with its caller copied', ({ auth, user }) => ({ auth, user })],
  ])('does not pass for %s', (_, derive) => {
    const derived = derive(passedRequest());
    expect(hasPassed(derived, contextOf(derived), resource)).toBe(false);
    expect(() => callerOf(contextOf(derived))).toThrow(TypeError);
  });
});
