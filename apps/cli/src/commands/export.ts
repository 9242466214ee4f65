import { writeFile } from 'node:fs/promises';
import { ExportFormat, LockOffender } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { CommandFailed } from '../failure.js';
import { formatSize } from '../text/size.js';

const Options = z.object({
  format: ExportFormat,
  file: z.string().optional(),
  platform: z.string().optional(),
  environment: z.string().optional(),
  output: z.string().optional(),
});

export async function exportEnvironment(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { format, output: target, ...question } = Options.parse(options);
  const { api } = await context.connect();
  const bytes = await api.export(reference, format, question).catch((error: unknown) => {
    throw readable(error);
  });
  if (target !== undefined) {
    await writeFile(target, bytes);
    context.output.result({ format, file: target, size: bytes.length }, [
      `Written to ${target} (${formatSize(bytes.length)}).`,
    ]);
  } else if (context.output.isJson) {
    context.output.result({ format, content: bytes.toString('utf8') }, []);
  } else {
    context.output.text(bytes);
  }
}

const Refusal = z.looseObject({ offenders: z.array(LockOffender) });

/** Offenders as places that an editor can be sent to. */
function readable(error: unknown): unknown {
  if (!(error instanceof CommandFailed) || error.failure.code !== 'EXPORT_REFUSED') return error;
  const refusal = Refusal.safeParse(error.failure.detail);
  if (!refusal.success) return error;
  const offenders = refusal.data.offenders.map(offenderText);
  return new CommandFailed({ ...error.failure, detail: { ...refusal.data, offenders } }, { cause: error });
}

const FAULTS: Readonly<Record<LockOffender['fault'], string>> = {
  'no-version': 'no exact version',
  'no-hash': 'nothing that fixes its bytes',
  'weak-hash': 'only a hash that the installer does not trust',
  'no-address': 'not known where it comes from',
  'local-path': 'a path, which names nothing that others can have',
  'no-commit': 'a branch or tag, not a commit',
  'name-or-version-invalid': 'cannot be written in this format',
  'several-versions': 'listed more than once for the same machine',
  'platform-unknown': 'not known for which platform it is listed',
  'not-understood': 'this line was not understood',
};

function offenderText({ package: name, version, file, line, fault }: LockOffender): string {
  const place = line === null ? file : `${file}:${line}`;
  const subject = name === null ? '' : `${name}${version === null ? '' : ` ${version}`}: `;
  return `${place}: ${subject}${FAULTS[fault]}`;
}
