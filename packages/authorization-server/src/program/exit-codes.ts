/** How the program ended. */
export const EXIT_CODES = { stopped: 0, failed: 1, misconfigured: 2 } as const;
