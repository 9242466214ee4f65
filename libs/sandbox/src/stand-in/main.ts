import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Issuer } from './authority.js';
import { Certificates } from './certificates.js';
import { Entrance } from './entrance.js';
import { Forwarder } from './forward.js';
import { serveNames } from './name-service.js';

/*
 * Plays the Internet inside a network namespace that has nothing but `lo`: every name leads here, and every request goes
 * on to a Unix socket, where somebody answers from a closure or records one.
 *
 *   node main.js --socket /run/x/exchanges.sock --authority /run/x --ports 80,443
 *
 * The directory of the authority holds ca.pem and ca.key. Says `ready` when all of it listens, and ends with its parent:
 * when standard input is closed.
 */
const IPV4 = '127.0.0.1';
const IPV6 = '::1';
const MAX_REPORTS = 100;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      socket: { type: 'string' },
      authority: { type: 'string' },
      ports: { type: 'string', default: '80,443' },
      'name-port': { type: 'string', default: '53' },
    },
  });
  if (values.socket === undefined || values.authority === undefined) throw new Error('--socket and --authority');
  const [certificate, key] = await Promise.all(
    ['ca.pem', 'ca.key'].map(async (name) => readFile(path.join(values.authority ?? '', name), 'utf8')),
  );
  const issuer = await Issuer.open({ certificate: certificate ?? '', key: key ?? '' });
  const entrance = new Entrance(new Certificates(issuer), new Forwarder(values.socket), createReport());
  const ports = values.ports.split(',').map(Number);
  const namePort = Number(values['name-port']);

  const hasIpv6 = await listens(async () => serveNames(IPV6, namePort, true));
  await serveNames(IPV4, namePort, hasIpv6);
  for (const port of ports) {
    await entrance.listen(IPV4, port);
    if (hasIpv6) await entrance.listen(IPV6, port);
  }
  process.stdout.write('ready\n');
}

/** False where the kernel has no IPv6: then names have no such address either. */
async function listens(start: () => Promise<void>): Promise<boolean> {
  try {
    await start();
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return false;
    throw error;
  }
}

/** Lines on standard error, as many as help: a program that tries again and again says the same again and again. */
function createReport(): (text: string) => void {
  let count = 0;
  return (text) => {
    if (++count <= MAX_REPORTS) process.stderr.write(`${text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300)}\n`);
  };
}

process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.stdin.resume();
// Whatever a program inside sends, the others go on: a failure here is that of one connection.
process.on('uncaughtException', (error) => process.stderr.write(`${error.message}\n`));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
