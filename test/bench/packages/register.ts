import { createHash } from 'node:crypto';
import { PrismaService } from '@envarium/database';
import { insertEnvironmentManifest, understandFiles } from '@envarium/environments';
import { percentile } from '../statistics.js';
import { versionName, versionsOfPackages } from './fill-packages.js';

export interface Registered {
  readonly p50: number;
  readonly p95: number;
}

/** The rows of one new environment of so many packages, nearly all of which others have, in a transaction of its own. */
export async function measureRegistering(
  url: string,
  packageVersions: number,
  packages: number,
  runs: number,
): Promise<Registered> {
  const prisma = new PrismaService({ url, poolSize: 2 });
  const counts = versionsOfPackages(packageVersions);
  const times: number[] = [];
  try {
    for (let run = 0; run < runs + 20; run++) {
      const lines = Array.from({ length: Math.min(packages, counts.length) }, (_, i) => {
        // Two packages in a hundred are seen for the first time.
        if (i % 50 === 49) return `fresh-${process.pid}-${run}-${i}==1.0`;
        return `package-${i + 1}==${versionName((run + i) % (counts[i] ?? 1))}`;
      });
      const bytes = Buffer.from(`${lines.join('\n')}\n# ${process.pid} ${run}\n`);
      const { environment } = understandFiles([{ path: 'requirements.txt', bytes }]);
      if (environment === null) throw new Error('the environment of the benchmark was not understood');
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      const begin = performance.now();
      await prisma.$transaction(
        async (tx) => await insertEnvironmentManifest(tx, { digest, size: bytes.length }, environment),
      );
      if (run >= 20) times.push(performance.now() - begin);
    }
  } finally {
    await prisma.$disconnect();
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}
