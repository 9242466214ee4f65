import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { readSecretFiles } from './secret-files.js';

/**
 * Every environment variable, once. `.env.example` is generated from these descriptions.
 * A `NAME_FILE` variable may stand for any `NAME`: its content is the value (for secrets mounted as files).
 */
export const Environment = z.object({
  ENVARIUM_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  ENVARIUM_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(5080)
    .describe('Port to listen on; 0 takes a free one.'),
  ENVARIUM_DATA_DIR: z
    .string()
    .min(1)
    .default('.envarium')
    .describe('Directory of the embedded PostgreSQL, of the filesystem store and of generated secrets.'),
  ENVARIUM_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('How clients reach this service, as in https://envarium.example.org. Default: http://HOST:PORT.'),
  ENVARIUM_ADMIN_TOKEN: z
    .string()
    .min(8)
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'may hold printable ASCII without blanks only')
    .optional()
    .describe('Token of the account "admin", also its password for docker login. Default: generated, shown once.'),
  ENVARIUM_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Signs registry tokens. Several servers must share it. Default: generated in the data directory.'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL 14 or later. Default: an embedded PostgreSQL in the data directory.'),
  ENVARIUM_DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10).describe('Connections per process.'),
  ENVARIUM_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('S3-compatible object store. Default: a filesystem store in the data directory.'),
  ENVARIUM_S3_BUCKET: z.string().min(3).max(63).optional().describe('Bucket; made when it is missing.'),
  ENVARIUM_S3_REGION: z.string().min(1).default('us-east-1').describe('Region of the bucket.'),
  ENVARIUM_S3_ACCESS_KEY: z.string().min(1).optional().describe('Access key of the object store.'),
  ENVARIUM_S3_SECRET_KEY: z.string().min(1).optional().describe('Secret key of the object store.'),
  ENVARIUM_FIXITY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe('Every stored byte is read back and compared with its digest at least this often.'),
  ENVARIUM_FIXITY_RATE: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe('MiB a second that reading back may take, on average.'),
  ENVARIUM_REMOVAL_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe(
      'Days in quarantine after which bytes that nothing has ever named are removed. Default: never; they stay in quarantine.',
    ),
  ENVARIUM_LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('Least severe log line that is written.'),
});

export type StorageConfig =
  | { readonly kind: 'filesystem'; readonly directory: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKey: string;
      readonly secretKey: string;
    };

/** What the resolver does to stored bytes by the clock. */
export interface UpkeepConfig {
  readonly fixityDays: number;
  readonly fixityBytesPerSecond: number;
  /** null: bytes in quarantine are never removed. */
  readonly removalDays: number | null;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly publicUrl: string | null;
  readonly adminToken: string | null;
  readonly secret: string | null;
  /** null: run the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly databasePool: number;
  readonly storage: StorageConfig;
  readonly upkeep: UpkeepConfig;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Parses all variables at once.
 * @throws ArchiveError CONFIG_INVALID with every problem, by variable
 */
export function parseConfig(variables: Variables): Config {
  const read = readSecretFiles(variables, Object.keys(Environment.shape));
  const parsed = Environment.safeParse(read.values);
  const problems = [...read.problems];
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
    throw new ArchiveError('CONFIG_INVALID', { problems });
  }
  const env = parsed.data;
  const dataDir = path.resolve(env.ENVARIUM_DATA_DIR);
  const storage = storageConfig(env, dataDir, problems);
  if (problems.length > 0) throw new ArchiveError('CONFIG_INVALID', { problems });
  return Object.freeze({
    host: env.ENVARIUM_HOST,
    port: env.ENVARIUM_PORT,
    dataDir,
    publicUrl: env.ENVARIUM_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    adminToken: env.ENVARIUM_ADMIN_TOKEN ?? null,
    secret: env.ENVARIUM_SECRET ?? null,
    databaseUrl: env.DATABASE_URL ?? null,
    databasePool: env.ENVARIUM_DATABASE_POOL,
    storage,
    upkeep: Object.freeze({
      fixityDays: env.ENVARIUM_FIXITY_DAYS,
      fixityBytesPerSecond: env.ENVARIUM_FIXITY_RATE * 1024 * 1024,
      removalDays: env.ENVARIUM_REMOVAL_DAYS ?? null,
    }),
    logLevel: env.ENVARIUM_LOG_LEVEL,
  });
}

function storageConfig(env: z.infer<typeof Environment>, dataDir: string, problems: string[]): StorageConfig {
  const filesystem = { kind: 'filesystem', directory: path.join(dataDir, 'store') } as const;
  if (env.ENVARIUM_S3_ENDPOINT === undefined) {
    for (const name of ['ENVARIUM_S3_BUCKET', 'ENVARIUM_S3_ACCESS_KEY', 'ENVARIUM_S3_SECRET_KEY'] as const) {
      if (env[name] !== undefined) problems.push(`${name}: is set, but ENVARIUM_S3_ENDPOINT is not`);
    }
    return filesystem;
  }
  const { ENVARIUM_S3_BUCKET: bucket, ENVARIUM_S3_ACCESS_KEY: accessKey, ENVARIUM_S3_SECRET_KEY: secretKey } = env;
  if (bucket === undefined) problems.push('ENVARIUM_S3_BUCKET: is required with ENVARIUM_S3_ENDPOINT');
  if (accessKey === undefined) problems.push('ENVARIUM_S3_ACCESS_KEY: is required with ENVARIUM_S3_ENDPOINT');
  if (secretKey === undefined) problems.push('ENVARIUM_S3_SECRET_KEY: is required with ENVARIUM_S3_ENDPOINT');
  if (bucket === undefined || accessKey === undefined || secretKey === undefined) return filesystem;
  return Object.freeze({
    kind: 's3',
    endpoint: env.ENVARIUM_S3_ENDPOINT,
    bucket,
    region: env.ENVARIUM_S3_REGION,
    accessKey,
    secretKey,
  });
}

/** The configuration of this process, read from its environment. */
export function loadConfig(): Config {
  return parseConfig(process.env);
}
