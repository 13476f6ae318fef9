/** How a cookie of the console is written and read. */
export interface ConsoleCookie {
  readonly name: string;
  /** The value of `Set-Cookie` that sets it. */
  set(value: string, maxAgeSeconds: number): string;
  /** The value of `Set-Cookie` that takes it away. */
  clear(): string;
  /** Its value in a `Cookie` header; of several, none. */
  read(header: string | undefined): string | undefined;
}

/**
 * Makes a cookie that scripts cannot read and that goes to this host alone: with the prefix `__Host-` on https. On
 * loopback over http it has neither prefix nor `Secure`.
 *
 * @param name - without the prefix
 * @param secure - whether the console is reached by https
 * @param sameSite - `Lax` for what has to survive the way back from another site
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis | Cookies: HTTP State Management Mechanism}
 */
export function createCookie(name: string, secure: boolean, sameSite: 'Strict' | 'Lax'): ConsoleCookie {
  const fullName = secure ? `__Host-${name}` : name;
  const attributes = `; Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`;
  return {
    name: fullName,
    set: (value, maxAgeSeconds) => `${fullName}=${value}; Max-Age=${maxAgeSeconds}${attributes}`,
    clear: () => `${fullName}=; Max-Age=0${attributes}`,
    read(header) {
      const values = (header ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${fullName}=`))
        .map((pair) => pair.slice(fullName.length + 1));
      // Two of one name: somebody else may have set one of them.
      return values.length === 1 ? values[0] : undefined;
    },
  };
}
