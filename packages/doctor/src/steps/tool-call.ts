import { sanitizeText } from '@mcp-m2m/core';

import { failure, warning } from '../findings.ts';
import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
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
    const since = walk.recorder.exchanges.length;
    if (walk.tools?.every((listed) => listed.name !== name)) {
      return {
        ...about,
        received: 'not called: the server does not list it',
        findings: [
          failure(
            'tool_unknown',
            `The server has no tool "${name}" for this caller.`,
            `Choose one of those it lists; it may show others to callers with more scopes.`,
          ),
        ],
      };
    }
    try {
      const result = await session.client.callTool(
        { name: tool.name, arguments: { ...tool.arguments } },
        { timeout: settings.timeoutMilliseconds, signal },
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
