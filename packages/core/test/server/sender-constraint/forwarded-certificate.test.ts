import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForwardedCertificate } from '../../../src/server/sender-constraint/forwarded-certificate.ts';

const HASH = 'Hash=468ed33be74eee6556d90c0149c1309e9ba61d6425303443c0748a02dd8de688';

describe('readForwardedCertificate', () => {
  it.each([
    ['alone', 'Cert="own"'],
    ['behind others', `By=spiffe://desk;${HASH};Cert="own"`],
    [
      'before others',
      `${HASH};Cert="own";Chain="own%0Aroot";URI=spiffe://client;DNS=a.example;DNS=b.example`,
    ],
    ['in lower case', 'cert="own"'],
    ['beside a subject with a comma', 'Subject="CN=Test, O=Acme";Cert="own"'],
    ['beside a subject with a semicolon', 'Subject="CN=Test;Cert=other";Cert="own"'],
    ['beside a subject with escaped quotes', String.raw`Subject="CN=\",Cert=\"other\"";Cert="own"`],
    ['beside a subject that ends in an escaped backslash', String.raw`Subject="CN=x\\";Cert="own"`],
    ['beside an empty subject and an empty URI', 'Subject="";URI=;Cert="own"'],
    ['behind a space', ' By=x; Cert="own"'],
  ])('finds the certificate %s', (_, header) => {
    expect(readForwardedCertificate(header)).toBe('own');
  });

  it.each([
    ['several elements', 'Cert="first",Cert="last"'],
    ['several elements, one of them with a certificate', `${HASH},${HASH};Cert="own"`],
    ['an element that a name of the certificate pretends', `Cert="own";URI=x,${HASH};Cert="other"`],
    ['a certificate that a name of the certificate pretends', 'Cert="own";URI=x;Cert="other"'],
    ['a certificate that a DNS name pretends', 'DNS=x;Cert="other";Cert="own"'],
    ['two certificates in two spellings', 'Cert="own";CERT="own"'],
    ['no certificate', `By=x;${HASH}`],
    ['a certificate without quotes', 'Cert=own'],
    ['a quote that is not closed', 'Cert="own'],
    ['a subject whose quote is not closed', 'Cert="own";Subject="CN=x'],
    ['something behind a quote', 'Cert="own"x'],
    ['a quote inside a value', 'URI=a"b;Cert="own"'],
    ['a pair without a name', '="x";Cert="own"'],
    ['a name without a value', 'By;Cert="own"'],
    ['an end that is none', 'Cert="own";'],
    ['a comma at the end', 'Cert="own",'],
    ['nothing', ''],
  ])('refuses %s', (_, header) => {
    expect(readForwardedCertificate(header)).toBeUndefined();
  });

  it('answers any text, and finds a certificate only where it stands as a member of its own', () => {
    const text = fc.string({
      unit: fc.constantFrom('Cert', '=', '"', ';', ',', '\\', ' ', 'x'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (header) => {
        const certificate = readForwardedCertificate(header);
        if (certificate === undefined) return;
        expect(header).toContain(`Cert="${certificate}"`);
        expect(header.match(/(?:^|[; ])Cert="/gi)?.length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes no more than a glance at what is as long as a header can be', () => {
    for (const filler of [' ', '\\', 'x', '"', 'Cert=', 'a=b;', '\\"']) {
      const long = filler.repeat(Math.floor(16_384 / filler.length));
      for (const header of [long, `Cert="${long}`, `Cert="own";URI=${long}"`, `Subject="${long}`]) {
        expect(readForwardedCertificate(header)).toBeUndefined();
      }
    }
  });
});
