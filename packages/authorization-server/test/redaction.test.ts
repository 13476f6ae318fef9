import { describe, expect, it } from 'vitest';

import { generateClientSecret } from '../src/clients/client-secret.ts';
import { redact } from '../src/redaction.ts';

describe('redaction', () => {
  it('replaces client secrets and signed tokens, several in one text', () => {
    const [one, two] = [generateClientSecret(), generateClientSecret()];
    const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.${'a'.repeat(40)}.${'b'.repeat(86)}`;
    expect(redact(`a ${one} b ${two} c ${token} d`)).toBe('a [secret] b [secret] c [token] d');
  });

  it('escapes what could forge a line of a log, and bounds the length', () => {
    expect(redact('a\nb')).toBe('a\\u{a}b');
    expect(redact('x'.repeat(10_000)).length).toBeLessThan(600);
  });

  it('leaves an ordinary sentence as it is', () => {
    const sentence = 'the scope "b" is not this client\'s at https://mcp.example.com/mcp; allowed: a';
    expect(redact(sentence)).toBe(sentence);
  });
});
