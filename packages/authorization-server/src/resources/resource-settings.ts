import { assertKnownOptions } from '@mcp-m2m/core';

import { parseScopes } from '../clients/access.ts';
import { parsePlainText } from '../clients/plain-text.ts';
import type { ResourceTool } from './resource.ts';

/** What can be set of a resource. `null` takes a setting away, leaving out keeps it. */
export interface ResourceSettings {
  /** For people, at most 200 characters. */
  readonly label?: string | null;
  /** Every scope this MCP server knows. */
  readonly scopes?: readonly string[];
  /** Its tools, with the scopes each needs; at most 1000. */
  readonly tools?: readonly ResourceTool[] | null;
}

/** Validated settings; what was not given is undefined. */
export interface ParsedResourceSettings {
  readonly label: string | null | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly tools: readonly ResourceTool[] | null | undefined;
}

const MOST_SCOPES = 500;
const MOST_TOOLS = 1000;

/**
 * Validates those settings that are given.
 *
 * Does not compare the tools' scopes with the resource's, see {@link assertToolScopes}.
 *
 * @throws TypeError naming the setting and the mend
 */
export function parseResourceSettings({ label, scopes, tools }: ResourceSettings): ParsedResourceSettings {
  return {
    label: label === undefined || label === null ? label : parsePlainText(label, 'label', { maxLength: 200 }),
    scopes: scopes === undefined ? undefined : parseResourceScopes(scopes),
    tools: tools === undefined || tools === null ? tools : parseTools(tools),
  };
}

/**
 * Refuses tools that need a scope their MCP server does not have.
 *
 * @throws TypeError naming the tool
 */
export function assertToolScopes(
  tools: readonly ResourceTool[] | null | undefined,
  scopes: readonly string[],
): void {
  for (const { name, scopes: needed } of tools ?? []) {
    const unknown = needed.find((scope) => !scopes.includes(scope));
    if (unknown === undefined) continue;
    throw new TypeError(`tools: "${name}" needs the scope "${unknown}", which is not among scopes.`);
  }
}

function parseResourceScopes(value: unknown): readonly string[] {
  const scopes = parseScopes(value, 'scopes');
  if (scopes.length > MOST_SCOPES || scopes.some((scope) => scope.length > 200)) {
    throw new TypeError(`scopes must be at most ${MOST_SCOPES} scopes of at most 200 characters.`);
  }
  return scopes;
}

function parseTools(value: unknown): readonly ResourceTool[] {
  if (!Array.isArray(value) || value.length > MOST_TOOLS) {
    throw new TypeError(
      `tools must be a list of at most ${MOST_TOOLS} tools, such as [{ name: "start", scopes: [] }].`,
    );
  }
  const tools = new Map<string, ResourceTool>();
  for (const [index, entry] of value.entries()) {
    const option = `tools[${index}]`;
    assertKnownOptions(entry, ['name', 'description', 'scopes'], option);
    const name = parsePlainText(entry.name, `${option}.name`, { maxLength: 128 });
    if (tools.has(name)) throw new TypeError(`${option}.name: "${name}" is listed twice.`);
    const rules = { maxLength: 1000, lines: true };
    tools.set(name, {
      name,
      ...(entry.description === undefined || entry.description === null
        ? {}
        : { description: parsePlainText(entry.description, `${option}.description`, rules) }),
      scopes: parseScopes(entry.scopes, `${option}.scopes`),
    });
  }
  return [...tools.values()];
}
