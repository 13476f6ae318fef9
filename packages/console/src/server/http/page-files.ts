import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface PageFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly entityTag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The built page, as it is shipped. */
const FOLDER = fileURLToPath(new URL('../../../dist/page/', import.meta.url));

/**
 * Reads the built page into memory.
 *
 * @returns a function that answers a request for one of its files, and says whether there is one
 * @throws Error when the package was not built
 */
export function readPage(): (path: string, request: IncomingMessage, response: ServerResponse) => boolean {
  const files = new Map<string, PageFile>();
  for (const name of listFiles()) {
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined) continue;
    const bytes = readFileSync(path.join(FOLDER, name));
    files.set(name === 'index.html' ? '/' : `/${name.split(path.sep).join('/')}`, {
      bytes,
      contentType,
      // The names of the others change with what is in them.
      cacheControl: name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
      entityTag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    });
  }
  if (!files.has('/')) throw new Error(`The console's page is not there: ${FOLDER} has no index.html.`);
  return (name, request, response) => {
    const file = files.get(name);
    if (file === undefined) return false;
    response.setHeader('Cache-Control', file.cacheControl);
    response.setHeader('ETag', file.entityTag);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (request.headers['if-none-match'] === file.entityTag) {
      response.writeHead(304).end();
    } else {
      response.writeHead(200, { 'Content-Type': file.contentType, 'Content-Length': file.bytes.byteLength });
      response.end(request.method === 'HEAD' ? undefined : file.bytes);
    }
    return true;
  };
}

function listFiles(): readonly string[] {
  try {
    return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
