import type { Finding } from './diagnosis.ts';
import { linkOf, type FindingCode } from './finding-code.ts';

type Make = (code: FindingCode, message: string, fix: string) => Finding;

const make =
  (severity: Finding['severity']): Make =>
  (code, message, fix) => ({ code, severity, message, fix, link: linkOf(code) });

/** A client does not come past it. */
export const failure = make('failure');

/** A client comes past it, or may. */
export const warning = make('warning');

/** Good to know. */
export const note = make('note');
