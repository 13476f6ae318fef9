import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from './configuration.ts';
import { createJob } from './job.ts';

try {
  const configuration = await readConfiguration(process.env);
  const job = createJob(configuration);
  do {
    for (const answer of await job.run()) console.log(answer);
    if (configuration.everySeconds !== undefined) await sleep(configuration.everySeconds * 1000);
  } while (configuration.everySeconds !== undefined);
} catch (error) {
  console.error(error instanceof Error ? error.message : 'The job failed.');
  process.exitCode = 1;
}
