// Survives URL parsing unchanged in every part of a URI, and is unlikely in one.
const PLACEHOLDER = 'mcpm2mtemplatevariable';
const EXPRESSION = /\{([+]?)[A-Za-z0-9_.,*]+\}/g;

/** Tells whether a resource URI, in resolved form, belongs to a pattern. */
export type ResourceMatcher = (uri: string) => boolean;

/**
 * Compiles a resource URI or URI template, as a policy names it.
 *
 * Literal parts are brought into the form that URL libraries resolve them to, which is the form that
 * requests are judged in. `{name}` matches within one segment, `{+name}` matches anything.
 *
 * @throws TypeError for an expression of another kind, and for a variable that a dot segment removes
 * @see {@link https://www.rfc-editor.org/rfc/rfc6570#section-3.2 | RFC 6570 §3.2}
 */
export function compileResourceTemplate(template: string, option: string): ResourceMatcher {
  const operators: string[] = [];
  const withPlaceholders = template.replace(EXPRESSION, (_, operator: string) => {
    operators.push(operator);
    return PLACEHOLDER;
  });
  if (/[{}]/.test(withPlaceholders)) {
    throw new TypeError(
      `${option}: only the expressions {name} and {+name} are understood in a URI template.`,
    );
  }
  const resolved = URL.parse(withPlaceholders)?.href ?? withPlaceholders;
  if (resolved.split(PLACEHOLDER).length - 1 !== operators.length) {
    throw new TypeError(
      `${option}: a variable is lost when the URI is resolved; remove the "." and ".." segments.`,
    );
  }
  if (operators.length === 0) return (uri) => uri === resolved;
  const [prefix = '', ...literals] = resolved.split(PLACEHOLDER);
  const pieces = literals.map((literal, index) => ({ reserved: operators[index] === '+', literal }));
  // Completing the template's own arguments names the template itself.
  const self = URL.parse(template)?.href ?? template;
  return (uri) => uri === self || (uri.startsWith(prefix) && fits(uri, prefix.length, pieces));
}

/** A variable and the literal text behind it. */
interface Piece {
  /** Whether the variable may hold `/`, `?` and `#`. */
  readonly reserved: boolean;
  readonly literal: string;
}

/** Walks the URI once for each variable; a regular expression would take the power of their number. */
function fits(uri: string, start: number, pieces: readonly Piece[]): boolean {
  let positions: readonly number[] = [start];
  for (const [index, piece] of pieces.entries()) {
    positions = positionsBehind(uri, positions, piece, index === pieces.length - 1);
  }
  return positions.at(-1) === uri.length;
}

/** Where a piece that starts at one of these positions can end, in ascending order. */
function positionsBehind(
  uri: string,
  starts: readonly number[],
  { reserved, literal }: Piece,
  isLast: boolean,
): readonly number[] {
  const ends: number[] = [];
  const [first] = starts;
  if (first === undefined || (isLast && !uri.endsWith(literal))) return ends;
  let next = 0;
  let delimitedAt = -1;
  let looked = first;
  let from = isLast ? Math.max(first + 1, uri.length - literal.length) : first + 1;
  while (from <= uri.length) {
    const at = uri.indexOf(literal, from);
    if (at === -1) break;
    // The last start before the literal has the best chance that no delimiter lies between.
    while ((starts[next] ?? uri.length) < at) next++;
    for (; looked < at; looked++) if (isDelimiter(uri.charCodeAt(looked))) delimitedAt = looked;
    if (reserved || (starts[next - 1] ?? -1) > delimitedAt) ends.push(at + literal.length);
    from = at + 1;
  }
  return ends;
}

function isDelimiter(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x23;
}
