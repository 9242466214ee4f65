import type { BuildJob, Limits, RunJob } from '../executor.js';

/** Command lines of `docker`, as lists of words: no shell reads them. */

/**
 * A builder of its own for each build: its container has no network, so that neither a step nor the builder itself can fetch
 * anything, a limit of memory, and a cache that nobody else sees and that goes with it.
 * https://docs.docker.com/build/builders/drivers/docker-container/
 */
export function createBuilder(name: string, builderImage: string, { memoryBytes, cpus }: Limits): readonly string[] {
  const options = {
    image: builderImage,
    network: 'none',
    memory: String(memoryBytes),
    'memory-swap': String(memoryBytes),
    'cpu-period': '100000',
    'cpu-quota': String(Math.round(cpus * 100_000)),
    'restart-policy': 'no',
  };
  const driver = Object.entries(options).flatMap(([key, value]) => ['--driver-opt', `${key}=${value}`]);
  return ['buildx', 'create', '--name', name, '--driver', 'docker-container', ...driver];
}

export function removeBuilder(name: string): readonly string[] {
  return ['buildx', 'rm', '--force', name];
}

/** https://docs.docker.com/reference/cli/docker/buildx/build/ */
export function buildCommand(name: string, layout: string, job: BuildJob): readonly string[] {
  const bases = job.bases.flatMap(({ reference, image }) => [
    '--build-context',
    `${reference}=oci-layout://${image.layout}@${image.digest}`,
  ]);
  return [
    'buildx',
    'build',
    ['--builder', name],
    ['--output', `type=oci,dest=${layout},tar=false,rewrite-timestamp=true`],
    ['--provenance=false', '--sbom=false', '--no-cache', '--progress', 'plain'],
    ['--network', 'none'],
    ['--platform', job.platform],
    ['--build-arg', `SOURCE_DATE_EPOCH=${job.epoch}`],
    ['--ulimit', 'nofile=1024:1024', '--ulimit', `nproc=${job.limits.processes}:${job.limits.processes}`],
    ...bases,
    ['--file', job.dockerfile],
    job.context,
  ].flat();
}

/** https://docs.docker.com/reference/cli/docker/container/run/ */
export function runCommand(name: string, image: string, job: RunJob): readonly string[] {
  const { limits } = job;
  const environment = Object.entries(job.environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const mounts = job.mounts.flatMap(({ source, target, isWritable }) => [
    '--mount',
    // A comma or quote ends a field of this little language, so each field is quoted as CSV.
    [`type=bind`, `source=${source}`, `target=${target}`, ...(isWritable ? [] : ['readonly'])].map(csvField).join(','),
  ]);
  return [
    'run',
    ['--name', name],
    ['--pull', 'never'],
    ['--network', 'none'],
    '--read-only',
    ['--cap-drop', 'ALL'],
    ['--security-opt', 'no-new-privileges'],
    ['--pids-limit', String(limits.processes)],
    ['--memory', String(limits.memoryBytes), '--memory-swap', String(limits.memoryBytes)],
    ['--cpus', String(limits.cpus)],
    ['--ulimit', 'nofile=1024:1024'],
    ['--tmpfs', `/tmp:rw,nosuid,nodev,size=${limits.diskBytes}`],
    ['--log-driver', 'none'],
    '--init',
    ...environment,
    ...mounts,
    ...(job.workingDirectory === null ? [] : ['--workdir', job.workingDirectory]),
    ['--entrypoint', '/bin/sh'],
    image,
    ['-c', job.command],
  ].flat();
}

function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
