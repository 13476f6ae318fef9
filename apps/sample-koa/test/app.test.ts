import { describeDeployDesk } from 'deploy-desk/story';
import { createApp } from '../src/app.ts';

describeDeployDesk(createApp, ['2025-11-25']);
