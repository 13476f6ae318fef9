// Serves the README's example in Bun or Deno.
import process from 'node:process';
import example from '../../examples/server.ts';
import { serveFetch } from './serve-fetch.ts';

process.stdout.write(`${serveFetch(example.fetch).port}\n`);
