import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, onTestFinished } from 'vitest';

import { adminResourceOf } from '../../src/operations/bootstrap-client.ts';
import { GRANT, basic, requestToken, startServer, type RunningServer } from '../running-server.ts';

/** An answer of the administrative API. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // What a test reads of it is the test's to know.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** What a request has beside method and path. */
export interface AdminRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of an administrator's. */
  readonly token?: string | undefined;
}

/** A server with its administrative API, and an administrator. */
export interface AdminScene extends RunningServer {
  readonly token: string;
  /** Sends a request, and holds the answer to the OpenAPI document. */
  readonly call: (method: string, path: string, request?: AdminRequest) => Promise<AdminAnswer>;
  /** A token of another client with these scopes at the administration. */
  readonly tokenWith: (scopes: readonly string[]) => Promise<string>;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { responses: Readonly<Record<string, Response>> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

export async function startAdmin(options: Parameters<typeof startServer>[0] = {}): Promise<AdminScene> {
  const running = await startServer({ adminApi: true, ...options });
  onTestFinished(() => running.stop());
  const { issuer } = running;
  const base = `${issuer}/admin/v1`;
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as OpenApi;
  const validate = createValidator(document);
  let count = 0;

  async function tokenWith(scopes: readonly string[]): Promise<string> {
    const clientId = `administrator-${++count}`;
    const { secret = '' } = await running.server.clients.create({
      clientId,
      authentication: { method: 'secret' },
      access: [{ resource: adminResourceOf(issuer), scopes }],
    });
    const { body } = await requestToken(running, GRANT, basic(clientId, secret));
    return body['access_token'] as string;
  }

  const token = await tokenWith(['admin:read', 'admin:write']);
  return {
    ...running,
    token,
    tokenWith,
    async call(method, path, request = {}) {
      const response = await fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${request.token ?? token}`,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined
          ? {}
          : { body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body) }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      const body: unknown = /[/+]json\b/.test(type) ? JSON.parse(text) : undefined;
      validate(method, path, response.status, type, body);
      return { status: response.status, headers: response.headers, text, body };
    },
  };
}

/** Holds every answer to the schema that the document has for it. */
function createValidator(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openapi', components: document.components });
  return (method: string, path: string, status: number, type: string, body: unknown): void => {
    const [pathname = ''] = path.split('?');
    const template = Object.keys(document.paths).find((candidate) =>
      new RegExp(`^/admin/v1${candidate.replace(/^\/admin\/v1/, '').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(
        `/admin/v1${pathname}`,
      ),
    );
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (operation === undefined || status === 304) return;
    const response = operation.responses[status] ?? operation.responses['default'];
    expect(response, `${method} ${path} answers ${status}, which the document does not have`).toBeDefined();
    const schema = response?.content?.[type.split(';')[0] ?? '']?.schema;
    if (response?.content === undefined) return;
    expect(schema, `${method} ${path} answers ${type}, which the document does not have`).toBeDefined();
    if (body === undefined) return;
    const absolute = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/'),
    ) as object;
    const isValid = ajv.compile(absolute);
    expect(
      isValid(body),
      `${method} ${path}: ${ajv.errorsText(isValid.errors)}\n${JSON.stringify(body)}`,
    ).toBe(true);
  };
}
