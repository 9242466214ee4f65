import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ComparedEnvironment, DepositedFile } from '@envarium/environments';
import type { EnvironmentDiff, EnvironmentManifest } from '@envarium/schema';
import { z } from 'zod';
import { findPackageFiles } from '../capture/find-package-files.js';
import { takeMachineReports } from '../capture/machine-reports.js';
import { ownIdentity } from '../capture/take-capture.js';
import { isPackageFileName } from '../capture/package-file-names.js';
import type { CommandContext, CommandInput, Connection } from '../context.js';
import { gatherFiles } from '../deposit/gather-files.js';
import { usageError } from '../failure.js';
import { diffLines } from '../text/diff-text.js';
import { versionName } from '../text/version-text.js';

const Options = z.object({ here: z.union([z.string(), z.literal(true)]).optional(), packages: z.boolean().optional() });

export async function diff(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [version = '', other] = args;
  const { here, packages = false } = Options.parse(options);
  if ((other === undefined) === (here === undefined))
    throw usageError('say what to compare with', 'Give another version, a capture, or --here; one of them.');
  const { api } = await context.connect();
  const found =
    here === undefined
      ? await compare(api, version, other ?? '')
      : await compareLocally(api, version, 'this machine', await filesHere(here === true ? '.' : here));
  context.output.result(found, diffLines(found, packages));
}

async function compare(api: Connection['api'], version: string, other: string): Promise<EnvironmentDiff> {
  if (!(await isPath(other))) return await api.diff(version, other);
  return await compareLocally(api, version, other, await filesOfCapture(other));
}

/** What is on this machine stays there: the archived side comes here instead. */
async function compareLocally(
  api: Connection['api'],
  version: string,
  name: string,
  files: readonly DepositedFile[],
): Promise<EnvironmentDiff> {
  const [{ diffEnvironments, understandFiles }, archived] = await Promise.all([
    import('@envarium/environments'),
    archivedSide(api, version),
  ]);
  const { environment, hardware } = understandFiles(files);
  const environments = environment === null ? [] : [environment];
  return diffEnvironments(archived, { name, imageDigest: null, environments, hardware });
}

/** As the archive itself compares a version: by its files, and by every image of it that was read. */
async function archivedSide(api: Connection['api'], reference: string): Promise<ComparedEnvironment> {
  const version = await api.version(reference);
  const name = versionName(version);
  const [environment, hardware, ofImages] = await Promise.all([
    version.environment === null ? null : api.environment(name),
    version.hardware === null ? null : api.hardware(name),
    version.imageDigest === null ? [] : imageEnvironments(api, name),
  ]);
  return {
    name,
    imageDigest: version.imageDigest,
    environments: [...(environment === null ? [] : [environment]), ...ofImages],
    hardware,
  };
}

/** Images of an index often have the same packages, and then one environment. */
async function imageEnvironments(api: Connection['api'], name: string): Promise<EnvironmentManifest[]> {
  const { sources } = await api.coverage(name);
  const ofPlatform = new Map<string | null, string | null>();
  for (const { kind, environmentDigest, platform } of sources) {
    // The archive answers with the first image of a platform.
    if (kind === 'image' && !ofPlatform.has(platform)) ofPlatform.set(platform, environmentDigest);
  }
  const platforms = new Map(
    [...ofPlatform].flatMap(([platform, digest]) => (digest === null ? [] : [[digest, platform]])),
  );
  return await Promise.all(
    [...platforms]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([, platform]) => await api.imageEnvironment(name, platform)),
  );
}

async function filesHere(directory: string): Promise<DepositedFile[]> {
  const [found, machine] = await Promise.all([
    findPackageFiles(directory, isPackageFileName),
    takeMachineReports(directory, ownIdentity()),
  ]);
  const files = await Promise.all(
    found.files.map(async ({ path: inside }) => ({
      path: inside,
      bytes: await readFile(path.join(directory, inside)),
    })),
  );
  return [
    ...files,
    ...machine.reports.map(({ name, content }) => ({ path: `machine/${name}`, bytes: Buffer.from(content) })),
  ];
}

async function filesOfCapture(capture: string): Promise<DepositedFile[]> {
  const { files } = await gatherFiles(capture);
  return await Promise.all(
    files.map(async ({ path: inside, open }) => ({ path: inside, bytes: await wholeOf(open()) })),
  );
}

async function wholeOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A directory wins over a version of the same spelling: versions of this archive have an @ as a rule. */
async function isPath(text: string): Promise<boolean> {
  if (/@v\d+$/.test(text)) return false;
  return await stat(text).then(
    () => true,
    () => false,
  );
}
