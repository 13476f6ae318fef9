/** An answer of the console. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // What a test reads of it is the test's to know.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** Keeps cookies, and sends what the console's page sends. */
export interface Browser {
  readonly cookies: Map<string, string>;
  send(method: string, path: string, options?: BrowserRequest): Promise<ConsoleAnswer>;
  get(path: string): Promise<ConsoleAnswer>;
  post(path: string, body?: unknown): Promise<ConsoleAnswer>;
  delete(path: string): Promise<ConsoleAnswer>;
}

export interface BrowserRequest {
  readonly body?: unknown;
  /** Over those that the page sends; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/**
 * Makes something like a browser, as far as cookies and headers go.
 *
 * @param base - where the console is
 */
export function createBrowser(base: string): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    cookies,
    async send(method, path, { body, headers = {} } = {}) {
      const sent = new Headers({ origin: new URL(base).origin, 'x-mcp-m2m-console': '1' });
      if (cookies.size > 0) sent.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
      if (body !== undefined) sent.set('content-type', 'application/json');
      for (const [name, value] of Object.entries(headers)) {
        if (value === null) sent.delete(name);
        else sent.set(name, value);
      }
      const response = await fetch(new URL(path, base), {
        method,
        headers: sent,
        redirect: 'manual',
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(cookie) ?? [];
        if (/max-age=0\b/i.test(attributes)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const text = await response.text();
      const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== '' ? JSON.parse(text) : undefined,
      };
    },
    get: (path) => browser.send('GET', path),
    post: (path, body) => browser.send('POST', path, { body }),
    delete: (path) => browser.send('DELETE', path),
  };
  return browser;
}
