import type { ReportEvent } from '../events.ts';
import type { ClientAddress } from '../http/client-address.ts';

/**
 * Reports, once, that requests come through a proxy although none is trusted: all clients seem to be at its
 * address then, and are throttled as one.
 */
export function noticeUntrustedProxy(clientAddress: ClientAddress, report: ReportEvent): ClientAddress {
  let noticed = false;
  return (request) => {
    const address = clientAddress(request);
    if (!noticed && address !== undefined && request.headers['x-forwarded-for'] !== undefined) {
      noticed = true;
      report({ type: 'proxy_not_trusted', remoteAddress: address });
    }
    return address;
  };
}
