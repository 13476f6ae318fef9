/**
 * What the exit code of every command says.
 *
 * 0 done; 1 it was tried and did not work (a broken connection, a tool that failed); 2 the command line or the
 * configuration is wrong, and nothing was tried; 3 there is no token; 4 the server refused the token or the operation;
 * 130 ended by Ctrl-C.
 */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  noToken: 3,
  refused: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
