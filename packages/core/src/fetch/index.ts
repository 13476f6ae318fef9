export { targetOf } from './incoming-request.ts';
export { protectRequest, type ProtectRequestOptions, type RefusedRequest } from './protect-request.ts';
export { type ProtectedRequest } from './protected-request.ts';
export { toResponse } from './web-response.ts';
