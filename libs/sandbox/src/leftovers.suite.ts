import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PROGRAMS = new Set(['buildah', 'podman', 'conmon', 'runc', 'skopeo', 'unshare']);

/**
 * What jobs left behind: processes, mounts, loop devices, control groups that nothing is in. Given a while to go: other tests
 * may be running jobs too, and a pod that was cancelled ends after its job.
 */
export async function leftovers(): Promise<string[]> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if ((await found()).length === 0) return [];
    await delay(50);
  }
  return await found();
}

/** What is there at this moment. */
export async function found(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes('envarium-executor-'));
  return [...mounts, ...(await processes()), ...(await loops()), ...(await groups('/sys/fs/cgroup', 8))];
}

async function processes(): Promise<string[]> {
  const left: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await textOf(`/proc/${pid}/cmdline`);
    const parent = /^PPid:\s+(?<pid>\d+)/m.exec(await textOf(`/proc/${pid}/status`))?.groups?.['pid'];
    const isOurs = command.includes('envarium-executor-') || parent === String(process.pid);
    if (isOurs && PROGRAMS.has(path.basename(command.split('\0')[0] ?? ''))) left.push(command.replaceAll('\0', ' '));
  }
  return left;
}

async function loops(): Promise<string[]> {
  const files = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const backing = await Promise.all(files.map(async (name) => textOf(`/sys/block/${name}/loop/backing_file`)));
  return backing.filter((file) => file.includes('envarium-executor-'));
}

async function groups(directory: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const group = path.join(directory, name);
        const isLeft = /^envarium-[0-9a-f]{12}/.test(name) && (await textOf(path.join(group, 'cgroup.procs'))) === '';
        return [...(isLeft ? [group] : []), ...(await groups(group, depth - 1))];
      }),
  );
  return below.flat();
}

const textOf = async (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
