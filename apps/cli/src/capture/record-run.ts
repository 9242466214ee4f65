import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { programEnvironment } from '@envarium/config';
import type { HashedFile } from '@envarium/schema';
import { usageError } from '../failure.js';
import { hashFile } from '../hash-file.js';
import type { RecordedRun } from './capture-list.js';
import { changesBetween, setBackAccessTimes, takeSnapshot } from './directory-snapshot.js';
import { type Identity, redactArguments } from './redact-text.js';

export interface RunRequest {
  readonly command: readonly [string, ...string[]];
  /** Whose files are watched. */
  readonly directory: string;
  /** Given by the person; they may lie anywhere. */
  readonly inputs: readonly string[];
  readonly identity: Identity;
  /** The result of this program stands on standard output alone, so the command's goes elsewhere. */
  readonly isQuiet: boolean;
}

const STANDARD_ERROR = 2;
/** So many the archive takes with one link. */
const MAX_FILES = 1000;

/** Runs the command as it would run without us, and notes what it read, what it wrote, how long it took and how it ended. */
export async function recordRun(request: RunRequest): Promise<RecordedRun> {
  const { command, directory, identity } = request;
  // Before the run: it may change them.
  const given = await Promise.all(request.inputs.map(async (file) => ({ ...(await hashFile(file)), file })));
  const first = await takeSnapshot(directory);
  await setBackAccessTimes(directory, [...first.files.keys()]);
  const before = await takeSnapshot(directory);
  const startedAt = new Date();
  const ended = await runToEnd(command, request.isQuiet);
  const after = await takeSnapshot(directory);

  const { written, read, removed } = changesBetween(before, after);
  const givenPaths = new Set(given.map(({ file }) => path.resolve(file)));
  const seen = read.filter((name) => !givenPaths.has(path.resolve(directory, name)));
  const notes = [
    ...(before.isWhole && after.isWhole ? [] : ['the directory has too many files to watch all of them']),
    ...(read.length > 0 || before.files.size === 0
      ? []
      : ['no file was seen to be read: the file system may not keep access times. Give inputs with --input']),
    ...tooMany('read', given.length + seen.length),
    ...tooMany('written', written.length),
  ];
  const words = redactArguments(command, identity);
  return {
    command: words.map(quoted).join(' '),
    arguments: words,
    startedAt: startedAt.toISOString(),
    ...ended,
    inputs: [
      ...given.map(({ name, digest, size }) => ({ name, digest, size, learned: 'given' as const })),
      ...(await hashAll(directory, seen)).map((file) => ({ ...file, learned: 'read' as const })),
    ].slice(0, MAX_FILES),
    outputs: await hashAll(directory, written),
    removed: removed.slice(0, MAX_FILES),
    notes,
  };
}

function tooMany(what: string, count: number): string[] {
  return count > MAX_FILES ? [`${count} files were ${what}; the first ${MAX_FILES} are kept`] : [];
}

/** A file that is gone again was nobody's result. */
async function hashAll(directory: string, names: readonly string[]): Promise<HashedFile[]> {
  const hashed: HashedFile[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    const file = await hashFile(path.join(directory, name)).catch(() => null);
    if (file !== null) hashed.push({ ...file, name });
  }
  return hashed;
}

type Ended = Pick<RecordedRun, 'seconds' | 'exitCode' | 'signal'>;

async function runToEnd([program, ...args]: RunRequest['command'], isQuiet: boolean): Promise<Ended> {
  const start = process.hrtime.bigint();
  const child = spawn(program, args, {
    env: programEnvironment({}),
    stdio: ['inherit', isQuiet ? STANDARD_ERROR : 'inherit', 'inherit'],
    windowsHide: true,
  });
  // A terminal sends Ctrl-C to both: the command decides what it means, and the record of it is still written.
  const ignore = (): void => {};
  const forward = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', ignore);
  process.on('SIGTERM', forward);
  try {
    const [exitCode, signal] = await new Promise<[number | null, keyof typeof constants.signals | null]>(
      (resolve, reject) => {
        child.on('error', reject);
        child.on('exit', (code, endedBy) => resolve([code, endedBy]));
      },
    );
    return { seconds: Number((process.hrtime.bigint() - start) / 1_000_000n) / 1000, exitCode, signal };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') throw usageError(`${program} is not there`, 'Nothing was run. Check the spelling after --.');
    if (code === 'EACCES') throw usageError(`${program} may not be run`, 'Nothing was run. Check its permissions.');
    throw error;
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', forward);
  }
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
