/** A refusal of the console or of the authorization server, in words for people. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** 0 where nothing answered. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Nothing answered. */
export function unreachable(): Failure {
  return new Failure(
    0,
    'unreachable',
    'The console does not answer. See whether its server runs and whether this browser has a network, then try again.',
  );
}

/** Reads why a request was refused. */
export async function readFailure(response: Response): Promise<Failure> {
  const text = await response.text().catch(() => '');
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    if (typeof code === 'string' && typeof detail === 'string') {
      return new Failure(response.status, code, detail);
    }
  } catch {
    // Something between this page and the console answered in its place.
  }
  return new Failure(
    response.status,
    'unexpected_answer',
    `The answer was not the console's own (status ${response.status}). A proxy before it may have refused the request; try again, and show this to the operator if it stays.`,
  );
}

/** What to tell people of anything that was thrown. */
export function wordsOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return 'Something failed in this page. Reload it and try again; show this to the operator if it stays.';
}
