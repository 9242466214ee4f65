import path from 'node:path';

export type StorageConfig =
  | { readonly kind: 'filesystem'; readonly directory: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKey: string;
      readonly secretKey: string;
      /** How clients reach the service, where that differs from our way. */
      readonly publicEndpoint?: string;
    };

/** Who sends the bytes of a blob: this process, the object store after a redirect, or the web server in front. */
export type ServingConfig =
  | { readonly mode: 'stream' | 'redirect' }
  | {
      readonly mode: 'x-accel';
      /** Path of the internal location that stands for the `blobs` directory of the store. */
      readonly prefix: string;
    };

/** The variables of one S3 store; `prefix` tells the first store from the second. */
interface S3Settings {
  readonly prefix: 'ENVARIUM_S3' | 'ENVARIUM_SECOND_S3';
  readonly endpoint: string | undefined;
  readonly bucket: string | undefined;
  readonly region: string;
  readonly accessKey: string | undefined;
  readonly secretKey: string | undefined;
}

/** Null when it is not set, or set by half; the latter is added to `problems`. */
export function s3Config(settings: S3Settings, problems: string[]): StorageConfig | null {
  const { prefix, endpoint, bucket, region, accessKey, secretKey } = settings;
  const required = { BUCKET: bucket, ACCESS_KEY: accessKey, SECRET_KEY: secretKey };
  for (const [name, value] of Object.entries(required)) {
    if (endpoint === undefined && value !== undefined)
      problems.push(`${prefix}_${name}: is set, but ${prefix}_ENDPOINT is not`);
    if (endpoint !== undefined && value === undefined)
      problems.push(`${prefix}_${name}: is required with ${prefix}_ENDPOINT`);
  }
  if (endpoint === undefined || bucket === undefined || accessKey === undefined || secretKey === undefined) return null;
  return Object.freeze({ kind: 's3', endpoint, bucket, region, accessKey, secretKey });
}

/** The store for second copies; it must be another one, as a copy in the same place is none. */
export function secondStorageConfig(
  first: StorageConfig,
  directory: string | undefined,
  s3: StorageConfig | null,
  problems: string[],
): StorageConfig | null {
  if (directory !== undefined && s3 !== null) {
    problems.push('ENVARIUM_SECOND_STORE_DIR: is set, and ENVARIUM_SECOND_S3_ENDPOINT as well');
  }
  const second = directory === undefined ? s3 : ({ kind: 'filesystem', directory: path.resolve(directory) } as const);
  if (second !== null && placeOf(second) === placeOf(first)) problems.push('the second store is the first store');
  return second;
}

export function servingConfig(
  mode: 'stream' | 'redirect' | 'x-accel',
  prefix: string,
  { kind }: StorageConfig,
  problems: string[],
): ServingConfig {
  if (mode === 'redirect' && kind !== 's3') {
    problems.push('ENVARIUM_SERVING_MODE: redirect needs an S3 store, as nobody can be sent to a directory');
  }
  if (mode === 'x-accel' && kind !== 'filesystem') {
    problems.push('ENVARIUM_SERVING_MODE: x-accel needs a filesystem store, which the web server reads');
  }
  return mode === 'x-accel' ? { mode, prefix: prefix.replace(/\/+$/, '') } : { mode };
}

function placeOf(config: StorageConfig): string {
  return config.kind === 'filesystem' ? config.directory : `${config.endpoint.replace(/\/+$/, '')}/${config.bucket}`;
}
