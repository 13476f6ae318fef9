import { describeDeployDesk } from 'deploy-desk/story';
import { createApp } from '../src/app.ts';

describeDeployDesk(createApp);
