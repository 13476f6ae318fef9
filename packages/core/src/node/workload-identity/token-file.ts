import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AssertionSourceError } from '../../client/grants/assertion-source.ts';
import { sanitizeText } from '../../printable-text.ts';
import { untilAborted } from '../../until-aborted.ts';

/** The most that is read of a file: far more than any token. */
const MAX_FILE_BYTES = 65_536;

/**
 * Reads a small text file now, through whatever links lead to it now.
 *
 * Regular files only: a pipe would be empty, or block, at the next use.
 *
 * @param source - who asks, for the message
 * @param hint - what a person can do where it cannot be read
 * @throws AssertionSourceError, or the signal's reason
 */
export async function readTokenFile(
  source: string,
  path: string,
  hint: string,
  signal: AbortSignal,
): Promise<string> {
  const fail = (received: string, passing: boolean): AssertionSourceError =>
    new AssertionSourceError(source, {
      from: sanitizeText(path),
      expected: `a readable file of at most ${MAX_FILE_BYTES} bytes`,
      received,
      hint,
      passing,
    });
  const reading = readRegularFile(path).catch((error: unknown) => {
    const code = String((error as NodeJS.ErrnoException).code);
    throw fail(PROBLEMS[code] ?? `the error ${sanitizeText(code, 40)}`, code !== 'EACCES');
  });
  const bytes = await untilAborted(reading, signal);
  if (bytes === undefined) throw fail('something that is no file', false);
  if (bytes.length > MAX_FILE_BYTES) throw fail('a longer one', false);
  return bytes.toString('utf8');
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'no permission to read it',
};

async function readRegularFile(path: string): Promise<Buffer | undefined> {
  // Without O_NONBLOCK, opening a pipe takes a thread until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size);
      size += bytesRead;
      if (bytesRead === 0 || size === buffer.length) return buffer.subarray(0, size);
    }
  } finally {
    await file.close();
  }
}
