import type { components } from './api-types.ts';

export type ResourceTool = components['schemas']['ResourceTool'];

/** A tool as an MCP server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly annotations?: { readonly readOnlyHint?: boolean | undefined } | undefined;
}

/** Which scopes tools get that were not known before. */
export interface ToolScopes {
  /** By the name of a tool. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** For tools that say that they only read. */
  readonly reading: readonly string[];
  /** For all others. */
  readonly writing: readonly string[];
}

/** What an import makes of the tools that were known. */
export interface MergedTools {
  readonly tools: readonly ResourceTool[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Described in other words than before: what a scope allows may have changed. */
  readonly changed: readonly string[];
}

const MOST_NAME = 200;
const MOST_DESCRIPTION = 2048;

/** Puts the tools that a server lists in the place of those that were known, and keeps the scopes of the latter. */
export function mergeTools(
  known: readonly ResourceTool[],
  listed: readonly ListedTool[],
  scopes: ToolScopes,
): MergedTools {
  const before = new Map(known.map((tool) => [tool.name, tool]));
  const tools = listed
    .filter(({ name }) => name.length <= MOST_NAME)
    .map((tool): ResourceTool => {
      const { name, annotations } = tool;
      const description = tool.description?.slice(0, MOST_DESCRIPTION);
      const found =
        scopes.named.get(name) ??
        before.get(name)?.scopes ??
        (annotations?.readOnlyHint === true ? scopes.reading : scopes.writing);
      const about = description === undefined || description === '' ? {} : { description };
      return { name, ...about, scopes: [...found] };
    });
  const names = new Set(tools.map(({ name }) => name));
  return {
    tools,
    added: tools.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    removed: known.filter(({ name }) => !names.has(name)).map(({ name }) => name),
    changed: tools
      .filter(({ name, description }) => before.has(name) && before.get(name)?.description !== description)
      .map(({ name }) => name),
  };
}
