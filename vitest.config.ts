import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/summary-reporter.js';

const root = import.meta.dirname;
// One package, two copies: graphql must be loaded from one file only, or `instanceof` fails.
const alias = [
  { find: /^@envarium\/([a-z-]+)$/, replacement: `${root}/libs/$1/src/index.ts` },
  { find: /^graphql$/, replacement: path.join(root, 'node_modules/graphql/index.js') },
];

/** What is waited for comes at once, except on a machine that is busy. */
const expect = { poll: { timeout: 10_000, interval: 20 } };

export default defineConfig({
  resolve: { alias },
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'test/*.spec.ts'],
          isolate: false,
          testTimeout: 15_000,
          expect,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'int',
          include: ['apps/**/*.int-spec.ts', 'libs/**/*.int-spec.ts', 'test/e2e/**/*.e2e-spec.ts'],
          globalSetup: ['test/postgres.setup.ts'],
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.spec.ts'],
          globalSetup: ['test/postgres.setup.ts'],
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect,
        },
      },
    ],
  },
});
