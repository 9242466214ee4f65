import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '@envarium/oci';
import { z } from 'zod';
import {
  CAPTURE_DIRECTORY,
  type CapturedFile,
  capturedFilePath,
  type CaptureList,
  captureListPath,
  readCaptureList,
} from '../capture/capture-list.js';
import { findPackageFiles } from '../capture/find-package-files.js';
import { takeMachineReports } from '../capture/machine-reports.js';
import { isPackageFileName } from '../capture/package-file-names.js';
import type { CommandContext, CommandInput } from '../context.js';
import { usageError } from '../failure.js';
import { formatSize } from '../text/size.js';
import { count } from '../text/version-text.js';

const Options = z.object({ out: z.string().optional() });

export async function capture(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const directory = await realpath(args[0] ?? '.');
  const { out } = Options.parse(options);
  const target = path.resolve(out ?? path.join(directory, CAPTURE_DIRECTORY));

  const list = await writeCapture(directory, target);

  const shown = out === undefined ? (args[0] ?? '.') : out;
  context.output.result({ directory: target, ...list }, [
    ...list.files.map(
      ({ path: inside, size, source }) => `  ${inside}  ${formatSize(size)}${source === null ? '' : `  (${source})`}`,
    ),
    `Captured ${count(list.files.length, 'file')} in ${target}.`,
    ...notes(list),
    `Next: envarium deposit ${shown} --record NAMESPACE/NAME`,
  ]);
}

/** What was not captured, and why. */
function notes({ missing, skipped, others }: CaptureList): string[] {
  return [
    ...missing.map(({ source, reason }) => `Not taken: ${source}: ${reason}.`),
    ...skipped.map(({ path: inside, reason }) => `Skipped: ${inside}: ${reason}.`),
    ...(others.count === 0
      ? []
      : [
          `Left where they are: ${count(others.count, 'other file')} (${others.examples.join(', ')}${others.count > others.examples.length ? ', ...' : ''}).`,
        ]),
  ];
}

/** The capture appears as a whole: an interrupted one leaves the capture before it in place. */
async function writeCapture(directory: string, target: string): Promise<CaptureList> {
  const [found, machine] = await Promise.all([findPackageFiles(directory, isPackageFileName), takeMachineReports()]);
  const unfinished = `${target}.${process.pid}.tmp`;
  const files: CapturedFile[] = [];

  async function keep(depositPath: string, content: Uint8Array, source: string | null): Promise<void> {
    const file = capturedFilePath(unfinished, depositPath);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    files.push({ path: depositPath, digest: digestOf(content), size: content.length, source });
  }

  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    for (const { path: inside } of found.files) await keep(inside, await readFile(path.join(directory, inside)), null);
    const prefix = machineDirectory(found.files.map((file) => file.path));
    for (const report of machine.reports)
      await keep(`${prefix}/${report.name}`, Buffer.from(report.content), report.source);

    const { skipped, others } = found;
    const capturedAt = new Date().toISOString();
    const list: CaptureList = {
      schemaVersion: 1,
      capturedAt,
      files,
      missing: [...machine.missing],
      skipped: [...skipped],
      others: { ...others, examples: [...others.examples] },
    };
    await writeFile(captureListPath(unfinished), `${JSON.stringify(list, null, 2)}\n`);
    await replaceCapture(unfinished, target);
    return list;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Where the reports go: beside the files of the directory, never among them. */
function machineDirectory(taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'machine' : `machine-${number}`;
    if (!taken.some((file) => file === name || file.startsWith(`${name}/`))) return name;
  }
}

async function replaceCapture(unfinished: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await removeCapture(target);
  await rename(unfinished, target);
}

/** Only an older capture or an empty directory is replaced: --out may name anything. */
async function removeCapture(target: string): Promise<void> {
  const names = await readdir(target).catch(() => []);
  if (names.length > 0 && (await readCaptureList(target)) === null) {
    throw usageError(`${target} is not empty and no capture`, 'Name another directory with --out.');
  }
  await rm(target, { recursive: true, force: true });
}
