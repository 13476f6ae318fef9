export { createDeployDesk, deployDeskAccess, type DeployDesk, type Deployment } from './desk.ts';
export { runProgram, type ProgramSettings } from './program.ts';
export { createDeployDeskServer } from './server.ts';
