import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * The most memory that each process of a tree ever held: VmHWM in bytes, largest first. Linux only.
 * @param program counts only processes that run this executable
 * @returns null where /proc cannot be read
 */
export function peakMemoryOfTree(root: number, program: string): number[] | null {
  return memoryOfTree(root, program, ({ peak }) => peak);
}

/** The same for the memory that they hold now: VmRSS. */
export function residentMemoryOfTree(root: number, program: string): number[] | null {
  return memoryOfTree(root, program, ({ resident }) => resident);
}

function memoryOfTree(root: number, program: string, sizeOf: (process: ProcessStatus) => number): number[] | null {
  try {
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readStatus);
    const tree = new Set([root]);
    // A parent may be listed after its child: go on until nothing is added.
    for (let before = 0; before !== tree.size;) {
      before = tree.size;
      for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
    }
    const counted = processes.filter(({ pid, name }) => tree.has(pid) && name === program);
    return counted.map(sizeOf).toSorted((a, b) => b - a);
  } catch {
    return null;
  }
}

interface ProcessStatus {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly peak: number;
  readonly resident: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function readStatus(pid: string): ProcessStatus[] {
  let status: string;
  let name: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
    name = path.basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    // It ended while the directory was read, or is a thread of the kernel, or not ours.
    return [];
  }
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
  const bytes = (name: string): number => Number(field(name)) * 1024;
  return [{ pid: Number(pid), parent: Number(field('PPid')), name, peak: bytes('VmHWM'), resident: bytes('VmRSS') }];
}
