import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from './configuration.ts';
import { createJob } from './job.ts';

try {
  const configuration = await readConfiguration(process.env);
  const { everySeconds } = configuration;
  const job = createJob(configuration);
  for (;;) {
    try {
      for (const answer of await job.run()) console.log(answer);
    } catch (error) {
      // A job that runs again may do better then; one that runs once has failed.
      if (everySeconds === undefined) throw error;
      console.error(wordsOf(error));
    }
    if (everySeconds === undefined) break;
    await sleep(everySeconds * 1000);
  }
} catch (error) {
  console.error(wordsOf(error));
  process.exitCode = 1;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The job failed.';
}
