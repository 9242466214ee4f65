import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@envarium/config';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../apps/server/src/create-app.js';
import { Requires } from '../../apps/server/src/http/permission.js';

interface Handler {
  readonly name: string;
  readonly method: string;
  readonly permission: string | undefined;
}

/** Every handler of every controller, and what it requires. */
describe('e2e/rest-requires', () => {
  let dataDir: string;
  let handlers: Handler[];

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'envarium-requires-'));
    // Nothing is asked of a database before the application is initialised.
    const { app } = await createApp(
      parseConfig({
        DATABASE_URL: 'postgresql://127.0.0.1:1/none',
        ENVARIUM_DATA_DIR: dataDir,
        ENVARIUM_LOG_LEVEL: 'silent',
      }),
    );
    const reflector = app.get(Reflector);
    handlers = [...app.get(ModulesContainer).values()]
      .flatMap((module) => [...module.controllers.values()])
      .flatMap(({ metatype }) => {
        if (typeof metatype !== 'function') return [];
        const prototype: object = metatype.prototype;
        return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) => {
          if (typeof value !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, value)) return [];
          return [
            {
              name: `${metatype.name}.${name}`,
              method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, value) as number] ?? '',
              permission: reflector.getAllAndOverride(Requires, [value, metatype]),
            },
          ];
        });
      });
  });

  afterAll(async () => {
    await rm(dataDir, { recursive: true });
  });

  it('finds the handlers', () => {
    expect(handlers.length).toBeGreaterThan(20);
  });

  it('has no handler that states no permission', () => {
    expect(handlers.filter(({ permission }) => permission === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('lets nobody write without an account', () => {
    const open = handlers.filter(({ method, permission }) => method !== 'GET' && permission !== 'account');

    // A question whose hardware reports are too long for an address; it keeps nothing.
    expect(open.map(({ name }) => name)).toEqual(['VersionsController.fit']);
  });
});
