import { readFile } from 'node:fs/promises';

import { usageError } from '../command-error.ts';

/**
 * A client with its secret and what they are for, in one file that its owner alone can read: what the authorization
 * server writes at its first start, and `clients create --credential-out`.
 */
export interface CredentialFile {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The one MCP server, or the administration, that it is for. */
  readonly resource?: string;
}

/**
 * Reads a credential file.
 *
 * @throws CommandError naming the file and what is missing in it, never what it holds
 */
export async function readCredentialFile(path: string): Promise<CredentialFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(
      `The credential cannot be read from ${path} (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
    );
  }
  const document = parse(text);
  const { issuer, clientId, clientSecret, resource } = document ?? {};
  if (!isText(issuer) || !isText(clientId) || !isText(clientSecret)) {
    throw usageError(
      `${path} is not a credential file: it must be a JSON object with issuer, clientId and clientSecret. For a file that holds a secret alone there is --secret-file.`,
    );
  }
  return { issuer, clientId, clientSecret, ...(isText(resource) ? { resource } : {}) };
}

/** How a credential file is written. */
export function formatCredentialFile(credential: CredentialFile): string {
  return `${JSON.stringify(credential, undefined, 2)}\n`;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The parser's own words would repeat what is in the file.
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
