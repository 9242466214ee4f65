import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Limits, openExecutors } from '@envarium/sandbox';
import type { ShowcaseCase } from './cases.js';

const LIMITS: Limits = {
  wallSeconds: 600,
  memoryBytes: 4 * 2 ** 30,
  processes: 512,
  diskBytes: 8 * 2 ** 30,
  cpus: 2,
  logBytes: 2 ** 20,
};

/** The author's own run: in the image, on the author's machine, with the files of the author. */
export async function runHere(
  layout: string,
  digest: string,
  showcase: ShowcaseCase,
  folder: string,
  made: string,
): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-run-'));
  try {
    const [executor] = await openExecutors({ scratch: path.join(directory, 'probes') });
    if (executor === undefined) throw new Error('neither buildah nor podman works on this machine');
    const outputs = path.join(directory, 'outputs');
    const job = path.join(directory, 'job');
    for (const one of [outputs, job]) await mkdir(one);
    const copies = showcase.outputs.map((output) => `cp ${output} /outputs/`);
    const outcome = await executor.run(
      {
        directory: job,
        image: { layout, digest },
        command: ['mkdir /tmp/run', 'cp -R . /tmp/run/', 'cd /tmp/run', showcase.command, ...copies].join(' && '),
        workingDirectory: '/work',
        environment: {
          OMP_NUM_THREADS: '1',
          OPENBLAS_NUM_THREADS: '1',
          PYTHONHASHSEED: '0',
          TZ: 'UTC',
          LC_ALL: 'C.UTF-8',
        },
        mounts: [{ source: outputs, target: '/outputs', isWritable: true }],
        clock: { kind: 'host' },
        limits: LIMITS,
      },
      { line: (stream, text) => void (stream === 'stderr' && process.stderr.write(`   ${text}\n`)) },
      new AbortController().signal,
    );
    if (outcome.exitCode !== 0)
      throw new Error(`${showcase.command} ended with ${outcome.exitCode} (${outcome.endedBy})`);
    await cp(outputs, made, { recursive: true });
    for (const input of showcase.inputs) await cp(path.join(folder, input), path.join(made, input));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
