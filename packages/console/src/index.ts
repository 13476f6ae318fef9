export { createConsole, type Console, type ConsoleRequestHandler } from './server/console.ts';
export type { ConsoleOptions } from './server/console-options.ts';
export type { ConsoleEvent, ConsoleEventListener } from './server/console-events.ts';
export type { OpenIdSignInOptions } from './server/sign-in/openid-options.ts';
