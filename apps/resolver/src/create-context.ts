import path from 'node:path';
import { installationSecret } from '@envarium/access';
import type { Config } from '@envarium/config';
import { ArchiveError } from '@envarium/errors';
import { openSecondStore, openStore } from '@envarium/storage';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ResolverModule } from './resolver.module.js';

/** The features of this installation, for a process that does not listen. */
export async function createContext(
  config: Config,
): Promise<{ context: INestApplicationContext; databaseUrl: string }> {
  const { databaseUrl } = config;
  if (databaseUrl === null) {
    throw new ArchiveError('CONFIG_INVALID', {
      problems: ['DATABASE_URL: is required for the resolver alone; `npm start` brings an embedded PostgreSQL'],
    });
  }
  const store = await openStore(config.storage);
  const secondStore = config.secondStorage && (await openSecondStore(config.secondStorage));
  const signingSecret = await installationSecret(config.secret, config.dataDir);
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const context = await NestFactory.createApplicationContext(
    ResolverModule.forRoot({
      databaseUrl,
      store,
      secondStore,
      signingSecret,
      address: { publicUrl: () => publicUrl },
      outboundAllow: config.outboundAllow,
      rebuild: config.rebuild,
      workDirectory: path.join(config.dataDir, 'work'),
    }),
    { logger: ['error', 'warn'], abortOnError: false },
  );
  return { context, databaseUrl };
}
