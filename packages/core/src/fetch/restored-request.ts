// What of a request has to do with its body.
const METHODS = ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text'] as const;
const GETTERS = ['body', 'bodyUsed'] as const;

/** Where a request keeps how it is made anew; read by way of the objects that frameworks derive from it, too. */
const REBUILD = Symbol('rebuild');

type Restored = Request & { [REBUILD]: () => Request };

const prototypes = new WeakMap<object, object>();

/**
 * Gives a request whose body was read its body back, for whoever reads it next.
 *
 * The request stays the object it is, with all that its runtime and its framework know about it. Its body is that
 * of a request made anew, which is not made before somebody asks: on Node.js that costs several times the rest.
 *
 * @returns makes the request anew, once, with these bytes as its body
 */
export function restoreBody(request: Request, bytes: Uint8Array<ArrayBuffer>): () => Request {
  let rebuilt: Request | undefined;
  const rebuildOnce = (): Request => (rebuilt ??= rebuild(request, bytes));
  if (!(REBUILD in request)) Object.setPrototypeOf(request, restoring(Object.getPrototypeOf(request)));
  (request as Restored)[REBUILD] = rebuildOnce;
  return rebuildOnce;
}

function rebuild(request: Request, body: Uint8Array<ArrayBuffer>): Request {
  const { url, method, signal } = request;
  const headers = new Headers(request.headers);
  // They told how the body came.
  for (const name of ['content-encoding', 'transfer-encoding']) headers.delete(name);
  headers.set('content-length', String(body.byteLength));
  // With these methods a request cannot be made with a body, even where a runtime let one pass.
  const bodiless = method === 'GET' || method === 'HEAD';
  return new Request(url, { method, headers, signal, ...(bodiless ? {} : { body }) });
}

/** The prototype of requests with this prototype, with a body that is restored. */
function restoring(prototype: object): object {
  const known = prototypes.get(prototype);
  if (known !== undefined) return known;
  const members: PropertyDescriptorMap = {};
  for (const name of METHODS) {
    members[name] = {
      value(this: Restored) {
        return this[REBUILD]()[name]();
      },
    };
  }
  for (const name of GETTERS) {
    members[name] = {
      get(this: Restored) {
        return this[REBUILD]()[name];
      },
    };
  }
  const restored: object = Object.create(prototype, members);
  prototypes.set(prototype, restored);
  return restored;
}
