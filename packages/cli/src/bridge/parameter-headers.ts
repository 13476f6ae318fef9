import type { JSONRPCMessage } from '@modelcontextprotocol/client';

/** Remembers which arguments of which tools travel as headers too, and makes those headers. */
export interface ParameterHeaders {
  /** Looks at an answer of the server: a list of tools says which arguments are meant. */
  learn(message: JSONRPCMessage): void;
  /** The headers of a request; none for what is no call of a tool with such arguments. */
  of(message: JSONRPCMessage): Readonly<Record<string, string>> | undefined;
}

interface Declaration {
  readonly path: readonly string[];
  readonly header: string;
}

const MOST_TOOLS = 10_000;
const MOST_DEPTH = 20;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Mirrors arguments into headers for tools that declare it (`x-mcp-header`), as an HTTP client of revision 2026-07-28
 * has to. Over stdio there are no headers, so whoever is behind the bridge does not.
 *
 * A tool whose list has not been seen is called without.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports | MCP, Streamable HTTP}
 */
export function createParameterHeaders(): ParameterHeaders {
  const known = new Map<string, readonly Declaration[]>();
  return {
    learn(message) {
      const tools = (message as { result?: { tools?: unknown } }).result?.tools;
      if (!Array.isArray(tools)) return;
      for (const tool of tools as { name?: unknown; inputSchema?: unknown }[]) {
        if (typeof tool?.name !== 'string') continue;
        known.delete(tool.name);
        const declarations = declarationsIn(tool.inputSchema);
        if (declarations.length > 0 && known.size < MOST_TOOLS) known.set(tool.name, declarations);
      }
    },
    of(message) {
      const { method, params } = message as {
        method?: unknown;
        params?: { name?: unknown; arguments?: unknown };
      };
      if (method !== 'tools/call' || typeof params?.name !== 'string') return undefined;
      const headers: Record<string, string> = {};
      for (const { path, header } of known.get(params.name) ?? []) {
        const text = textOf(valueAt(params.arguments, path));
        if (text !== undefined) headers[`Mcp-Param-${header}`] = encode(text);
      }
      return Object.keys(headers).length === 0 ? undefined : headers;
    },
  };
}

function declarationsIn(schema: unknown, path: readonly string[] = []): readonly Declaration[] {
  if (typeof schema !== 'object' || schema === null || path.length > MOST_DEPTH) return [];
  const { 'x-mcp-header': header, properties } = schema as { 'x-mcp-header'?: unknown; properties?: unknown };
  const own = typeof header === 'string' && TOKEN.test(header) && path.length > 0 ? [{ path, header }] : [];
  if (typeof properties !== 'object' || properties === null) return own;
  return [
    ...own,
    ...Object.entries(properties).flatMap(([name, child]) => declarationsIn(child, [...path, name])),
  ];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value)))
    return String(value);
  return undefined;
}

/** Plain where a header can hold it, else Base64 between the marks that the specification gives. */
function encode(text: string): string {
  const plain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text);
  return plain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
