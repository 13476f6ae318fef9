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
 * @throws TypeError for an expression of another kind
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
  if (operators.length === 0) return (uri) => uri === resolved;
  const pattern = resolved
    .split(PLACEHOLDER)
    .map((literal, index) => {
      const operator = operators[index];
      const variable = operator === undefined ? '' : operator === '+' ? '.+' : '[^/?#]+';
      return literal.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) + variable;
    })
    .join('');
  const expression = new RegExp(`^${pattern}$`, 's');
  // Completing the template's own arguments names the template itself.
  const self = URL.parse(template)?.href ?? template;
  return (uri) => uri === self || expression.test(uri);
}
