import { existsSync } from 'node:fs';
import { parsePlatform, parseRepositoryName, type Platform } from '@envarium/oci';
import type { PackageFile } from '@envarium/schema';
import { z } from 'zod';
import type { DepositAnswer } from '../client/api-client.js';
import type { CommandContext, CommandInput, Connection } from '../context.js';
import { usageError } from '../failure.js';
import { gatherFiles, type Gathered } from '../deposit/gather-files.js';
import { type ImageArgument, parseImageArgument } from '../deposit/image-argument.js';
import { openImage } from '../deposit/open-image.js';
import { pushBlob } from '../deposit/push-blob.js';
import { imageLines, type PushedImage, pushImage } from '../deposit/push-image.js';
import type { Output } from '../output.js';
import { count, environmentText, hardwareText, packageFileLines, versionName } from '../text/version-text.js';

const Options = z.object({
  all: z.boolean().default(false),
  record: z.string(),
  image: z.string().optional(),
  platform: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  private: z.boolean().default(false),
});

const OCTETS = 'application/octet-stream';

export async function deposit(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const { record, image, all, platform: platformText, title, description, private: isPrivate } = Options.parse(options);
  const repository = parseRepositoryName(record);
  const platform = platformText === undefined ? null : parsePlatform(platformText);
  const argument = image === undefined ? null : parseImageArgument(image, existsSync);
  if (platform !== null && (argument === null || argument.kind === 'registry')) {
    throw usageError('--platform chooses in an archive', 'Name one with --image.');
  }
  const gathered = await gatherFiles(args[0] ?? '.', all);
  if (gathered.files.length === 0 && argument === null) {
    throw usageError(
      'no package file found, and no --image',
      'Name another directory, run `envarium capture` in it, or give an image.',
    );
  }
  const { output } = context;
  noteGathered(output, gathered);

  const connection = await context.connect();
  if (isPrivate) await makePrivate(connection, repository);
  const pushed = argument === null ? null : await pushArgument(connection, repository, argument, platform, output);
  await pushFiles(connection, repository, gathered, output);
  const answer = await connection.api.deposit({
    repository,
    title,
    description,
    visibility: isPrivate ? 'private' : undefined,
    image: pushed?.reference,
    files: gathered.files.map(({ path, digest }) => ({ path, digest })),
  });
  present(output, answer, pushed?.image ?? null, gathered.run);
}

/**
 * The first push would make the repository a public one, and what is published there is never private again. So a record
 * that shall be private is made first.
 */
async function makePrivate({ api }: Connection, repository: string): Promise<void> {
  const before = await api.findRecord(repository);
  if (before === null) await api.deposit({ repository, visibility: 'private', files: [] });
  const record = before ?? (await api.findRecord(repository));
  if (record?.visibility === 'private') return;
  throw usageError(
    `${repository} is public already`,
    'Nothing was deposited. Leave --private out, or take another name.',
  );
}

interface Pushed {
  readonly reference: string;
  /** null: it was in the registry. */
  readonly image: PushedImage | null;
}

async function pushArgument(
  { registry }: Connection,
  repository: string,
  argument: ImageArgument,
  platform: Platform | null,
  output: Output,
): Promise<Pushed> {
  if (argument.kind === 'registry') return { reference: argument.reference, image: null };
  const opened = await openImage(argument, platform);
  try {
    const image = await pushImage(registry, repository, opened.image, output);
    return { reference: image.digest, image };
  } finally {
    await opened.close();
  }
}

async function pushFiles(
  { registry }: Connection,
  repository: string,
  { files }: Gathered,
  output: Output,
): Promise<void> {
  const progress = await output.progress(
    'files',
    files.reduce((total, { size }) => total + size, 0),
  );
  try {
    for (const { digest, size, open } of files) {
      await pushBlob(registry, repository, { mediaType: OCTETS, digest, size }, open, progress);
    }
  } finally {
    progress.stop();
  }
}

/** Before anything is sent: what goes along and what does not. */
function noteGathered(output: Output, { files, capturedAt, changed, skipped, others }: Gathered): void {
  if (capturedAt !== null) output.remark(`Using the capture of ${capturedAt}.`);
  else if (!files.some(({ path }) => /(?:lscpu|cpuinfo|nvidia-smi)/i.test(path))) {
    output.remark('No hardware report here: `envarium capture` takes one where the analysis ran.');
  }
  for (const path of changed)
    output.warn(
      `${path} has changed since; the captured state is deposited. Run \`envarium capture\` again to take the new one.`,
    );
  for (const { path, reason } of skipped) output.warn(`${path} is skipped: ${reason}`);
  if (others.count > 0) {
    output.remark(
      `Not deposited, not package files: ${count(others.count, 'file')} (${others.examples.join(', ')}${others.count > others.examples.length ? ', ...' : ''}).`,
    );
  }
}

function present(
  output: Output,
  { version, packageFiles, isNew }: DepositAnswer,
  image: PushedImage | null,
  run: Gathered['run'],
): void {
  const name = versionName(version);
  output.result({ version, packageFiles, isNew, image, run: run?.recorded ?? null }, [
    ...(image === null ? [] : imageLines(image)),
    ...packageFileLines(packageFiles),
    `Environment: ${environmentText(version.environment)}.`,
    `Hardware: ${hardwareText(version.hardware)}.`,
    `${isNew ? 'Draft' : 'Unchanged: draft'} ${name} (${version.recordId}), image ${version.imageDigest ?? 'none'}.`,
    `Next: envarium publish ${name}`,
    ...(run === null
      ? []
      : [
          `Then, for what ${run.recorded.command} made: ` +
            `envarium link ${name} --article DOI --output "Figure N" --run ${run.file}`,
        ]),
  ]);
  for (const file of packageFiles) warnOf(file, output);
  if (version.imageDigest === null)
    output.warn('this version has no image: what ran can be looked up, but not pulled. Give one with --image.');
}

function warnOf({ path, format, message, line, secretCount }: PackageFile, output: Output): void {
  const place = line === null ? path : `${path}:${line}`;
  if (message !== null)
    output.warn(`${place}: ${format === null ? 'not understood, kept byte for byte: ' : ''}${message}`);
  if (secretCount > 0)
    output.warn(
      `${path}: ${count(secretCount, 'place')} that may hold a secret; what is published can never be withdrawn`,
    );
}
