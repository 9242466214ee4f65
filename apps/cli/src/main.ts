#!/usr/bin/env node
import { runCli } from './run.js';

// A reader that has seen enough (`envarium packages ... | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), process);
