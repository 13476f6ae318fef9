import type { Terminal } from './terminal.ts';

const AFTER_MILLISECONDS = 1000;
const EVERY_MILLISECONDS = 120;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows what is going on where it takes more than a second; nothing where nobody watches. */
export async function withProgress<T>(
  { err, interactive }: Terminal,
  words: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!interactive) return await work();
  let frame = 0;
  let repeat: NodeJS.Timeout | undefined;
  const start = setTimeout(() => {
    repeat = setInterval(() => {
      err.write(`\r${FRAMES[frame++ % FRAMES.length]} ${words}`);
    }, EVERY_MILLISECONDS);
  }, AFTER_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearTimeout(start);
    clearInterval(repeat);
    if (frame > 0) err.write('\r\u001b[K');
  }
}
