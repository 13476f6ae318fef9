export { readConfiguration, type ProgramConfiguration } from './program-configuration.ts';
export { serveUntilStopped, type BesideServer, type Listening, type ServeSurroundings } from './serve.ts';
