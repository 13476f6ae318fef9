import type { Stats } from 'node:fs';
import { constants, open, type FileHandle } from 'node:fs/promises';

const MAX_BYTES = 65_536;

/** A file gives no secret: words to follow its path. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

/**
 * Reads a small text file whole.
 *
 * @throws SecretFileError
 */
export async function readSecretFile(path: string, ownerOnly: boolean): Promise<string> {
  // Read at each use. A watcher of `fs.watch` holds on to what the path led to, and Kubernetes changes files by
  // turning a symbolic link; a comparison by `stat` misses a change of equal size within one tick of the clock.
  const file = await attempt(() => open(path, constants.O_RDONLY | NON_BLOCKING));
  try {
    assertSecretFile(await attempt(() => file.stat()), ownerOnly);
    return decode(await attempt(() => readBounded(file)));
  } finally {
    await file.close();
  }
}

// Opening a named pipe would wait for somebody to write. Windows has neither.
const NON_BLOCKING = (constants.O_NONBLOCK as number | undefined) ?? 0;

function assertSecretFile(stats: Stats, ownerOnly: boolean): void {
  if (stats.isDirectory()) throw new SecretFileError('is a directory. Name the file in it.');
  if (!stats.isFile()) {
    throw new SecretFileError(
      'is not a regular file. It is read again at each use, which a pipe or a device does not allow.',
    );
  }
  if (ownerOnly && (stats.mode & 0o077) !== 0) {
    throw new SecretFileError(
      `can be used by others than its owner (mode ${(stats.mode & 0o777).toString(8).padStart(3, '0')}). Change it with: chmod 600`,
    );
  }
}

async function readBounded(file: FileHandle): Promise<Uint8Array> {
  // The size that the file system tells may be wrong, or change meanwhile.
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw new SecretFileError(`has more than ${MAX_BYTES} bytes. Is it the right file?`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SecretFileError('is not UTF-8 text. Save it as UTF-8; a key has to be in PEM.');
  }
}

async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof SecretFileError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    throw new SecretFileError(
      `cannot be read (${code}). ${ADVICE[code] ?? 'See the disk or the mount that it is on.'}`,
    );
  }
}

const NO_ACCESS = 'Give the user that this process runs as the right to read it.';
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file: check the path, and whether what it is on is mounted.',
  ENOTDIR: 'A part of the path is a file, not a directory: check the path.',
  ELOOP: 'Its symbolic links lead in a circle.',
  EACCES: NO_ACCESS,
  EPERM: NO_ACCESS,
  EISDIR: 'It is a directory: name the file in it.',
};
