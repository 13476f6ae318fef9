import { sanitizeText } from '@mcp-m2m/core';
import type { Tool } from '@modelcontextprotocol/client';

import type { Finding } from '../diagnosis.ts';
import { failure, warning } from '../findings.ts';
import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
import type { Walk } from '../walk.ts';
import type { Step } from './step.ts';

/** Calls the one tool that was named, if one was. */
export const toolCall: Step = {
  name: 'tool_call',
  title: 'tools/call',
  async run(walk) {
    const { session, settings, signal } = walk;
    const { tool } = settings;
    if (tool === undefined) return { skipped: true, received: 'no tool was named' };
    if (session === undefined) return { skipped: true, received: 'there is no session' };
    const name = sanitizeText(tool.name, 120);
    const about = { sent: `tools/call ${name}`, expected: 'a result' };
    const objection = findObjection(walk, tool.name);
    if (objection !== undefined) return { ...about, received: 'not called', findings: [objection] };
    const since = walk.recorder.count();
    try {
      const result = await session.client.callTool(
        { name: tool.name, arguments: { ...tool.arguments } },
        { timeout: settings.timeoutMilliseconds, signal, ...definitionOf(walk, tool.name) },
      );
      if (result.isError !== true) return { ...about, received: 'a result' };
      return {
        ...about,
        received: 'a result that says it failed',
        findings: [
          warning(
            'tool_failed',
            `The tool "${name}" was called, and failed in itself.`,
            'Check the arguments; the connection and the token are in order.',
          ),
        ],
      };
    } catch (error) {
      signal.throwIfAborted();
      return {
        ...about,
        received: describeFailure(walk, since, error),
        findings: [
          explainMcpFailure(walk, since, error, {
            code: 'tool_failed',
            message: `The tool "${name}" cannot be called`,
            fix: 'Check the arguments against the input schema of the tool; the connection and the token are in order.',
          }),
        ],
      };
    }
  },
};

/** Some arguments go into headers as well, by what the server says of the tool. Its output is not judged. */
function definitionOf({ definitions }: Walk, name: string): { readonly toolDefinition?: Tool } {
  const definition = definitions?.get(name);
  if (definition === undefined) return {};
  const { outputSchema: _output, ...toolDefinition } = definition;
  return { toolDefinition };
}

/** Why a tool is not called: there is none of that name, or the server itself says that it destroys. */
function findObjection({ definitions }: Walk, named: string): Finding | undefined {
  const definition = definitions?.get(named);
  const name = sanitizeText(named, 120);
  if (definitions !== undefined && definition === undefined) {
    return failure(
      'tool_unknown',
      `The server has no tool "${name}" for this caller.`,
      'Choose one of those it lists; it may show others to callers with more scopes.',
    );
  }
  const { destructiveHint, readOnlyHint } = definition?.annotations ?? {};
  if (destructiveHint !== true || readOnlyHint === true) return undefined;
  return warning(
    'tool_not_called',
    `The server marks the tool "${name}" as destructive: it was not called.`,
    'Name one that only reads. Whether this client may call that one is told by the scopes of its token.',
  );
}
