import 'reflect-metadata';
import { loadConfig } from '@envarium/config';
import { describeFailure, runUntilStopped } from '@envarium/process';
import { startServer } from './create-app.js';

await runUntilStopped(async () => {
  const server = await startServer(loadConfig());
  if (process.send !== undefined) process.send({ type: 'ready', url: server.url, adminToken: server.adminToken });
  else process.stdout.write(banner(server.url, server.adminToken));
  return async () => await server.close();
}, describeFailure);

function banner(url: string, adminToken: string | null): string {
  const token = adminToken === null ? '' : `Admin token, shown this once: ${adminToken}\n`;
  return `Envarium listens on ${url}\n${token}`;
}
