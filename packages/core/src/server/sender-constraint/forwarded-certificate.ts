const PAIR = /[ \t]*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(;|,|$)/y;

/**
 * Reads the member `Cert` of an `x-forwarded-client-cert` header, URL-encoded as it is.
 *
 * Answers only where no doubt is left. Several elements are refused: each proxy on the way adds one, and Envoy
 * writes the names of a client's certificate (`URI`, `DNS`) unescaped, so that a name with a comma or a
 * semicolon in it looks like a further element or a further certificate.
 *
 * @returns `undefined` for several elements, several certificates, none, and for what is malformed
 * @see {@link https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert | Envoy, x-forwarded-client-cert}
 */
export function readForwardedCertificate(header: string): string | undefined {
  let certificate: string | undefined;
  let position = 0;
  for (;;) {
    PAIR.lastIndex = position;
    const pair = PAIR.exec(header);
    if (pair === null) return undefined;
    const [, name = '', quoted, , end] = pair;
    if (name.toLowerCase() === 'cert') {
      if (certificate !== undefined || quoted === undefined) return undefined;
      certificate = quoted;
    }
    if (end === ',') return undefined;
    if (end === '') return certificate;
    position = PAIR.lastIndex;
  }
}
