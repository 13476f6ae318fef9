import { runProgram } from 'deploy-desk';
import { createApp } from './app.ts';

runProgram(createApp);
