#!/usr/bin/env node
import { runProgram } from './program/run.ts';

process.exit(await runProgram(process.argv.slice(2), process.env));
