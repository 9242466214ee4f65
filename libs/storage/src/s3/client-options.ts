import type { S3Config } from './s3-bucket.js';

/** What `minio` must know of a service. The region is given, or it would ask for it. */
export function clientOptions(
  endpoint: string,
  { region, accessKey, secretKey }: S3Config,
): {
  endPoint: string;
  port: number;
  useSSL: boolean;
  region: string;
  accessKey: string;
  secretKey: string;
  pathStyle: boolean;
} {
  const { protocol, hostname, port } = new URL(endpoint);
  const useSSL = protocol === 'https:';
  const defaultPort = useSSL ? 443 : 80;
  return {
    endPoint: hostname,
    port: port === '' ? defaultPort : Number(port),
    useSSL,
    region,
    accessKey,
    secretKey,
    pathStyle: true,
  };
}
