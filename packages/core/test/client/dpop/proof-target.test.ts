import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProofTarget } from '../../../src/client/dpop/proof-target.ts';
import { isSameTarget, normalizeTarget } from '../../../src/server/sender-constraint/proof-target.ts';

const path = fc.string({
  unit: fc.constantFrom(...'aZ09/.%2Fe~?#:;@!$&()*+,=\\ü€ "<>[]|^`{}\'-_'.split('')),
});

describe('readProofTarget', () => {
  it.each([
    ['https://mcp.example.com', 'https://mcp.example.com/'],
    ['HTTPS://MCP.Example.com:443/Mcp?x=1#y', 'https://mcp.example.com/Mcp'],
    ['https://mcp.example.com/mcp?', 'https://mcp.example.com/mcp'],
    ['https://mcp.example.com/a/../mcp/', 'https://mcp.example.com/mcp/'],
    ['https://mcp.example.com/%7Eme%2f?%3F', 'https://mcp.example.com/%7Eme%2f'],
    ['http://[::1]:8080/mcp', 'http://[::1]:8080/mcp'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
  ])('D14, D15: names %s as %s', (url, htu) => {
    expect(readProofTarget(url).htu).toBe(htu);
    expect(readProofTarget(new URL(url)).htu).toBe(htu);
  });

  it('D14: names what the resource server takes for the same URL, without query and fragment', () => {
    const url = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      path.map((text) => `https://mcp.example.com/${text}`),
    );
    fc.assert(
      fc.property(url, (text) => {
        const { htu, origin } = readProofTarget(text);
        expect(htu).not.toMatch(/[?#]/);
        expect(isSameTarget(htu, text)).toBe(true);
        expect(normalizeTarget(htu)).toBe(normalizeTarget(text));
        expect(readProofTarget(htu)).toEqual({ htu, origin });
      }),
      { numRuns: 1000 },
    );
  });

  it('D14, D15: names two URLs alike only where the resource server does', () => {
    fc.assert(
      fc.property(path, path, (first, second) => {
        const [one, two] = [`https://mcp.example.com/${first}`, `https://mcp.example.com/${second}`];
        expect(readProofTarget(one).htu !== readProofTarget(two).htu || isSameTarget(one, two)).toBe(true);
        expect(isSameTarget(readProofTarget(one).htu, two)).toBe(isSameTarget(one, two));
      }),
      { numRuns: 1000 },
    );
  });
});
