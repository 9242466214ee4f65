import { z } from 'zod';

/** What the environment of a version can be had as: two bills of materials, and lock files that an installer reads. */
export const ExportFormat = z.enum(['cyclonedx', 'spdx', 'pip', 'conda', 'renv', 'npm']).meta({ id: 'ExportFormat' });
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportQuery = z
  .object({
    file: z.string().max(1024).optional().describe('of several deposited lock files, the one to export'),
    platform: z.string().max(64).optional().describe('of several platforms, the one to export: linux-64, ...'),
    environment: z.string().max(255).optional().describe('of several environments of a pixi.lock, the one to export'),
  })
  .meta({ id: 'ExportQuery' });
export type ExportQuery = z.infer<typeof ExportQuery>;

/** An export as a document: its bytes are those that REST gives. */
export const EnvironmentExport = z
  .object({
    format: ExportFormat,
    mediaType: z.string(),
    fileName: z.string().describe('under which a person saves it'),
    digest: z.string(),
    size: z.int().nonnegative(),
    path: z.string().describe('where REST gives the same bytes'),
    content: z.string().nullable().describe('the whole document; null: it is larger than 1 MiB, read it at `path`'),
  })
  .meta({ id: 'EnvironmentExport' });
export type EnvironmentExport = z.infer<typeof EnvironmentExport>;

/** Why a package, or a line, keeps a lock file from being exact. A closed list, so that every reason has a text. */
export const LockFault = z
  .enum([
    'no-version',
    'no-hash',
    'weak-hash',
    'no-address',
    'local-path',
    'no-commit',
    'name-or-version-invalid',
    'several-versions',
    'platform-unknown',
    'not-understood',
  ])
  .meta({ id: 'LockFault' });
export type LockFault = z.infer<typeof LockFault>;

export const LockOffender = z
  .object({
    package: z.string().nullable().describe('null: a line that was not understood'),
    version: z.string().nullable(),
    file: z.string(),
    line: z.number().int().positive().nullable(),
    fault: LockFault,
  })
  .meta({ id: 'LockOffender' });
export type LockOffender = z.infer<typeof LockOffender>;
