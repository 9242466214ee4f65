import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeCaptureArchive } from '../capture/capture-archive.js';
import { CAPTURE_NAME, type CaptureList, type RecordedRun } from '../capture/capture-list.js';
import { recordRun } from '../capture/record-run.js';
import { ownIdentity, takeCapture } from '../capture/take-capture.js';
import type { CommandContext, CommandInput } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, usageError } from '../failure.js';
import { runLines } from '../text/run-text.js';
import { formatSize } from '../text/size.js';
import { count } from '../text/version-text.js';

const Options = z.object({
  out: z.string().optional(),
  input: z.array(z.string()).default([]),
  verbatim: z.boolean().default(false),
});

export async function capture(context: CommandContext, { args, options, rest }: CommandInput): Promise<void> {
  const directory = await realpath(args[0] ?? '.');
  if (!(await stat(directory)).isDirectory()) {
    throw usageError(`${directory} is not a directory`, 'Name the directory of the analysis.');
  }
  const { out, input, verbatim } = Options.parse(options);
  const [program, ...words] = rest;
  if (program === undefined && input.length > 0) {
    throw usageError('--input is for a recorded run', 'Give the command after --, as in: capture . -- python fig3.py');
  }
  const target = path.resolve(out ?? path.join(directory, CAPTURE_NAME));
  const identity = ownIdentity();

  const run =
    program === undefined
      ? null
      : await recordRun({
          command: [program, ...words],
          directory,
          inputs: input,
          identity,
          isQuiet: context.output.isJson,
        });
  const { list, contents } = await takeCapture(directory, identity, run, verbatim);
  await writeCaptureArchive(target, list, contents);

  if (run !== null && run.exitCode !== 0) {
    for (const line of captureLines(list, target)) context.output.remark(line);
    throw commandFailed(run, target);
  }
  const shown = out ?? args[0] ?? '.';
  context.output.result({ file: target, ...list }, [
    ...captureLines(list, target),
    `Next: envarium deposit ${shown} --record NAMESPACE/NAME`,
  ]);
}

function captureLines(list: CaptureList, target: string): string[] {
  const { files, container, run } = list;
  return [
    ...files.map(({ path: inside, size, source, redacted }) => {
      const remarks = [
        ...(source === null ? [] : [source]),
        ...(redacted === 0 ? [] : [`${count(redacted, 'place')} taken out`]),
      ];
      return `  ${inside}  ${formatSize(size)}${remarks.length === 0 ? '' : `  (${remarks.join('; ')})`}`;
    }),
    ...(run === null ? [] : runLines(run)),
    `Captured ${count(files.length, 'file')} in ${target}.`,
    ...(container === null
      ? []
      : [`In a container of ${container.engine}${container.image === null ? '' : `: ${container.image}`}.`]),
    ...notes(list),
  ];
}

/** What was not captured, and why. */
function notes({ missing, skipped, others, files }: CaptureList): string[] {
  const changed = files.filter(({ source, redacted }) => source === null && redacted > 0);
  return [
    ...missing.map(({ source, reason }) => `Not taken: ${source}: ${reason}.`),
    ...skipped.map(({ path: inside, reason }) => `Skipped: ${inside}: ${reason}.`),
    ...(changed.length === 0
      ? []
      : [
          `Secrets or names of persons were taken out of the copies of ${changed.map((file) => file.path).join(', ')}; ` +
            'with --verbatim they are copied as they are.',
        ]),
    ...(others.count === 0
      ? []
      : [
          `Left where they are: ${count(others.count, 'other file')} (${others.examples.join(', ')}${others.count > others.examples.length ? ', ...' : ''}).`,
        ]),
  ];
}

function commandFailed({ exitCode, signal, command }: RecordedRun, file: string): CommandFailed {
  const end = exitCode === null ? `was ended by ${signal ?? 'a signal'}` : `ended with ${exitCode}`;
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'COMMAND_FAILED',
    title: `the command ${end}`,
    remedy: 'The capture is written all the same, with what was seen of the run.',
    detail: { command, exitCode, signal, file },
  });
}
