import path from 'node:path';
import { ArchiveError } from '@envarium/errors';
import { z } from 'zod';
import { REBUILD_VARIABLES, type RebuildConfig, rebuildConfig } from './rebuild-config.js';
import { readSecretFiles } from './secret-files.js';
import {
  type ServingConfig,
  type StorageConfig,
  s3Config,
  secondStorageConfig,
  servingConfig,
} from './storage-config.js';

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
  ENVARIUM_DECAY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('The places that published versions came from are asked this often whether they still answer.'),
  ENVARIUM_DECAY_WHOLE_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(365)
    .describe('A package is fetched from there again, to compare all of its bytes, at most this often.'),
  ENVARIUM_REMOVAL_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe(
      'Days in quarantine after which bytes that nothing has ever named are removed. Default: never; they stay in quarantine.',
    ),
  ENVARIUM_S3_PUBLIC_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('How clients reach the object store in serving mode "redirect". Default: ENVARIUM_S3_ENDPOINT.'),
  ENVARIUM_SERVING_MODE: z
    .enum(['stream', 'redirect', 'x-accel'])
    .default('stream')
    .describe(
      'Who sends large blobs: this service, the S3 store after a redirect, or nginx in front (docker/nginx.conf).',
    ),
  ENVARIUM_ACCEL_PREFIX: z
    .string()
    .regex(/^(?:\/[A-Za-z0-9._-]+)+\/?$/, 'is no absolute path')
    .default('/_blobs')
    .describe('Internal location of nginx that stands for the blobs of the store, in serving mode "x-accel".'),
  ENVARIUM_SECOND_STORE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Directory, on another disk, for a second copy of everything; damaged blobs are taken from there.'),
  ENVARIUM_SECOND_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('S3-compatible object store for the second copy, instead of a directory.'),
  ENVARIUM_SECOND_S3_BUCKET: z.string().min(3).max(63).optional().describe('Bucket of the second copy.'),
  ENVARIUM_SECOND_S3_REGION: z.string().min(1).default('us-east-1').describe('Region of that bucket.'),
  ENVARIUM_SECOND_S3_ACCESS_KEY: z.string().min(1).optional().describe('Access key of the second object store.'),
  ENVARIUM_SECOND_S3_SECRET_KEY: z.string().min(1).optional().describe('Secret key of the second object store.'),
  ENVARIUM_OUTBOUND_ALLOW: z
    .string()
    .max(10_000)
    .default('')
    .describe(
      'Hosts beyond the public Internet that may be connected to: host, host:port or 10.0.0.0/8, separated by commas.',
    ),
  ...REBUILD_VARIABLES,
  ENVARIUM_LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('Least severe log line that is written.'),
});

/** What the resolver does to stored bytes by the clock. */
export interface UpkeepConfig {
  readonly fixityDays: number;
  readonly fixityBytesPerSecond: number;
  readonly decayDays: number;
  readonly decayWholeDays: number;
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
  readonly rebuild: RebuildConfig;
  /** Where second copies are kept; null: nowhere. */
  readonly secondStorage: StorageConfig | null;
  readonly serving: ServingConfig;
  /** As written; `@envarium/outbound` reads them. */
  readonly outboundAllow: readonly string[];
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
  const stores = storageConfigs(env, dataDir, problems);
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
    upkeep: Object.freeze({
      fixityDays: env.ENVARIUM_FIXITY_DAYS,
      fixityBytesPerSecond: env.ENVARIUM_FIXITY_RATE * 1024 * 1024,
      decayDays: env.ENVARIUM_DECAY_DAYS,
      decayWholeDays: env.ENVARIUM_DECAY_WHOLE_DAYS,
      removalDays: env.ENVARIUM_REMOVAL_DAYS ?? null,
    }),
    rebuild: rebuildConfig(env),
    ...stores,
    outboundAllow: Object.freeze(
      env.ENVARIUM_OUTBOUND_ALLOW.split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    ),
    logLevel: env.ENVARIUM_LOG_LEVEL,
  });
}

function storageConfigs(
  env: z.infer<typeof Environment>,
  dataDir: string,
  problems: string[],
): Pick<Config, 'storage' | 'secondStorage' | 'serving'> {
  const s3 = s3Config(
    {
      prefix: 'ENVARIUM_S3',
      endpoint: env.ENVARIUM_S3_ENDPOINT,
      bucket: env.ENVARIUM_S3_BUCKET,
      region: env.ENVARIUM_S3_REGION,
      accessKey: env.ENVARIUM_S3_ACCESS_KEY,
      secretKey: env.ENVARIUM_S3_SECRET_KEY,
    },
    problems,
  );
  const publicEndpoint = env.ENVARIUM_S3_PUBLIC_ENDPOINT;
  if (publicEndpoint !== undefined && env.ENVARIUM_S3_ENDPOINT === undefined) {
    problems.push('ENVARIUM_S3_PUBLIC_ENDPOINT: is set, but ENVARIUM_S3_ENDPOINT is not');
  }
  const storage: StorageConfig =
    s3?.kind === 's3'
      ? { ...s3, ...(publicEndpoint !== undefined && { publicEndpoint }) }
      : { kind: 'filesystem', directory: path.join(dataDir, 'store') };
  const secondS3 = s3Config(
    {
      prefix: 'ENVARIUM_SECOND_S3',
      endpoint: env.ENVARIUM_SECOND_S3_ENDPOINT,
      bucket: env.ENVARIUM_SECOND_S3_BUCKET,
      region: env.ENVARIUM_SECOND_S3_REGION,
      accessKey: env.ENVARIUM_SECOND_S3_ACCESS_KEY,
      secretKey: env.ENVARIUM_SECOND_S3_SECRET_KEY,
    },
    problems,
  );
  const secondStorage = secondStorageConfig(storage, env.ENVARIUM_SECOND_STORE_DIR, secondS3, problems);
  const serving = servingConfig(env.ENVARIUM_SERVING_MODE, env.ENVARIUM_ACCEL_PREFIX, storage, problems);
  return { storage, secondStorage, serving };
}

/** The configuration of this process, read from its environment. */
export function loadConfig(): Config {
  return parseConfig(process.env);
}
