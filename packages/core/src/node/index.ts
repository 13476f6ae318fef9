export { toIncomingRequest } from './incoming-request.ts';
export {
  protectRequest,
  type Answered,
  type Protected,
  type ProtectRequestOptions,
} from './protect-request.ts';
export { MAX_REQUEST_BODY_BYTES, readRequestBody, type RequestBody } from './request-body.ts';
export { writeAnswer } from './write-answer.ts';
