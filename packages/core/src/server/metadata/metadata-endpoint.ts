import { createPreflightHeaders, READABLE_BY_PAGES } from '../cors.ts';
import type { HttpAnswer } from '../http-answer.ts';
import { createResourceMetadata, type ResourceMetadataSource } from './resource-metadata.ts';
import { signMetadata, type MetadataSigningOptions } from './signed-metadata.ts';

/** Answers requests for the metadata document; `undefined` for a request to another path. */
export type MetadataEndpoint = (method: string, url: string) => undefined | Promise<HttpAnswer>;

/** A signed document is signed anew after this time. */
const SIGNATURE_LIFETIME_SECONDS = 3600;

/**
 * Creates the endpoint of the protected resource metadata.
 *
 * @param metadataUrl - its address; the path is compared as received, and so is the query where the resource has
 *   one, by which it differs from others at the same path. Another query is ignored.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3 | RFC 9728 §3}
 */
export function createMetadataEndpoint(
  metadataUrl: string,
  source: ResourceMetadataSource,
  signing: MetadataSigningOptions | undefined,
  now: () => number,
): MetadataEndpoint {
  const { pathname, search } = new URL(metadataUrl);
  const metadata = createResourceMetadata(source);
  let signed: { readonly at: number; readonly body: Promise<string> } | undefined;

  const sign = async (options: MetadataSigningOptions, nowSeconds: number): Promise<string> =>
    JSON.stringify({ ...metadata, signed_metadata: await signMetadata(metadata, options, nowSeconds) });

  const unsigned = Promise.resolve(JSON.stringify(metadata));
  const body = (): Promise<string> => {
    if (signing === undefined) return unsigned;
    const nowSeconds = Math.floor(now() / 1000);
    if (signed === undefined || nowSeconds - signed.at >= SIGNATURE_LIFETIME_SECONDS) {
      const attempt = { at: nowSeconds, body: sign(signing, nowSeconds) };
      signed = attempt;
      attempt.body.catch(() => {
        if (signed === attempt) signed = undefined;
      });
    }
    return signed.body;
  };

  return (method, url) => {
    const isAddressed = search === '' ? url.split('?', 1)[0] === pathname : url === `${pathname}${search}`;
    return isAddressed ? answer(method, body) : undefined;
  };
}

async function answer(method: string, body: () => Promise<string>): Promise<HttpAnswer> {
  if (method === 'OPTIONS') return { status: 204, headers: createPreflightHeaders('GET, HEAD'), body: '' };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: { ...READABLE_BY_PAGES, Allow: 'GET, HEAD' }, body: '' };
  }
  return {
    status: 200,
    headers: {
      ...READABLE_BY_PAGES,
      'Content-Type': 'application/json',
      'Cache-Control': 'public, max-age=300',
    },
    body: await body(),
  };
}
