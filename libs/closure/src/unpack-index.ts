import { spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const MAX_UNPACKED = 256 << 20;
const XZ_MS = 60_000;
const XZ = Buffer.from('fd377a585a00', 'hex');
const GZIP = Buffer.from('1f8b', 'hex');

/**
 * An index as text, whatever it is packed with. Empty where it cannot be unpacked, or is larger than anybody's index.
 * Node knows no xz, which Debian prefers: that is left to the program of that name, with one thread, little memory and
 * no environment; where it is missing, such an index says nothing.
 */
export async function unpackIndex(bytes: Buffer): Promise<Buffer> {
  if (bytes.subarray(0, XZ.length).equals(XZ)) return unxz(bytes);
  if (!bytes.subarray(0, GZIP.length).equals(GZIP)) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED }).catch(() => Buffer.alloc(0));
}

async function unxz(bytes: Buffer): Promise<Buffer> {
  const parameters = ['--decompress', '--stdout', '--threads=1', '--memlimit-decompress=128MiB'];
  const child = spawn('xz', parameters, { stdio: ['pipe', 'pipe', 'ignore'], env: {}, timeout: XZ_MS });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_UNPACKED) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  // It may be gone before all is written.
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  return code === 0 ? Buffer.concat(chunks) : Buffer.alloc(0);
}
