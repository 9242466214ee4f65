import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readTar } from '@envarium/oci';
import { OutputLink, RecordVersion } from '@envarium/schema';
import { z } from 'zod';
import { fileNames, writeAnalysisImage } from './analysis-image.js';
import { Narrator } from './narrator.js';
import { pullPlainly, sha256 } from './plain-registry.js';
import { Processes } from './processes.js';

/*
 * The whole story in one command, on a machine with nothing but Node: run an analysis, archive what ran it, forget
 * everything but the DOI and the label, get the exact image back and make the same figure again.
 */

const DOI = '10.5555/envarium.demo.2026';
const LABEL = 'Figure 2';
const RECORD = 'lab/parabola';
const COMMAND = 'node fit.mjs data.csv figure2.svg';

const Running = z.object({ url: z.string(), adminToken: z.string() });
const Deposited = z.object({ version: RecordVersion, isNew: z.boolean() });
const Answers = z.object({ items: z.array(OutputLink) });

async function tell(narrator: Narrator, processes: Processes, root: string, work: string): Promise<void> {
  const analysis = path.join(work, 'analysis');
  const { url, adminToken } = await narrator.step(
    'An empty archive is started: PostgreSQL, server and resolver.',
    async () => {
      const running = Running.parse(await processes.up(work));
      narrator.say(`$ envarium up\nIt listens on ${running.url}; everything it knows is in ${work}.`);
      return running;
    },
  );

  const figure = await narrator.step('A scientist measures, fits a parabola and draws a figure.', async () => {
    await cp(path.join(root, 'test/demo/analysis'), analysis, { recursive: true });
    await writeFile(path.join(analysis, 'data.csv'), measurements(500));
    const bytes = await runAnalysis(processes, analysis, narrator);
    narrator.say(`${LABEL} has the digest ${sha256(bytes)}`);
    return bytes;
  });

  const imageDigest = await narrator.step(
    'What ran it becomes a container image, made of the real files.',
    async () => {
      const names = (await fileNames(analysis)).filter((name) => name !== 'figure2.svg');
      const digest = await writeAnalysisImage(analysis, names, path.join(work, 'parabola.tar'));
      narrator.say(`Its digest is ${digest}`);
      return digest;
    },
  );

  const envarium = async (...args: string[]): Promise<unknown> => {
    narrator.say(`$ envarium ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
    return await processes.envarium(args, analysis);
  };

  await narrator.step('The environment is captured, deposited and published.', async () => {
    await processes.envarium(['login', url, '--token', adminToken], work);
    await envarium('namespace', 'create', 'lab');
    await envarium('capture', '.');
    const image = `oci-archive:${path.join(work, 'parabola.tar')}`;
    const { version } = Deposited.parse(
      await envarium('deposit', '.', '--record', RECORD, '--image', image, '--title', 'Fit of a parabola'),
    );
    narrator.say(`${version.environment?.packageCount ?? 0} packages and the machine's hardware were understood.`);
    narrator.compare('the archive has the image under the digest it was made with', imageDigest, version.imageDigest);
    const published = RecordVersion.parse(await envarium('publish', `${RECORD}@v1`));
    narrator.say(`From now on it never changes. Its identity is ${published.recordDigest ?? 'missing'}`);
  });

  await narrator.step(`The journal links ${LABEL} of ${DOI} to it.`, async () => {
    const claim = ['--command', COMMAND, '--input', 'data.csv', '--file', 'figure2.svg', '--role', 'journal'];
    await envarium('link', `${RECORD}@v1`, '--article', DOI, '--output', LABEL, ...claim);
  });

  await narrator.step('Years later: the laptop is gone. A reader has the article, and no account.', async () => {
    await rm(path.join(work, 'config'), { recursive: true });
    await rm(analysis, { recursive: true });
    await mkdir(analysis);
  });

  const answer = await narrator.step(`The reader asks: what ran ${LABEL}?`, async () => {
    const byLabel = await firstAnswer(envarium('what-ran', `https://doi.org/${DOI}`, 'Fig. 2', '--server', url));
    narrator.say(
      `${byLabel.version.title}, ${byLabel.version.repository}@v${byLabel.version.number}, said by ${byLabel.assertedBy} as ${byLabel.assertedRole}`,
    );
    narrator.compare('the answer to DOI and label names the image', imageDigest, byLabel.version.imageDigest);
    await writeFile(path.join(analysis, 'downloaded.svg'), figure);
    const byFile = await firstAnswer(envarium('what-ran', '--file', 'downloaded.svg', '--server', url));
    narrator.compare('the bytes of the figure alone give the same answer', byLabel.run.id, byFile.run.id);
    return byLabel;
  });

  await narrator.step('The image is pulled by plain HTTP, with nothing of ours, and run again.', async () => {
    const { repository } = answer.version;
    const image = await pullPlainly(url, repository, answer.version.imageDigest ?? '');
    narrator.compare('the image manifest has the digest that was asked for', imageDigest, image.manifestDigest);
    for (const { asked, received } of image.blobs) narrator.compare(`blob ${asked.slice(0, 19)}...`, asked, received);
    const again = path.join(work, 'again');
    await unpackAnalysis(image.layers.at(-1) ?? Buffer.alloc(0), again);
    const bytes = await runAnalysis(processes, again, narrator);
    narrator.compare('the figure made again has the digest of the article', answer.run.files[0]?.digest, sha256(bytes));
  });

  await narrator.step('Every byte of the record is read back and proven.', async () => {
    const Verified = z.object({ imageDigest: z.string(), count: z.number(), faults: z.array(z.unknown()) });
    const reference = `${RECORD}@v1`;
    const online = Verified.parse(await envarium('verify', reference, '--server', url, '--digest', imageDigest));
    narrator.compare(`no fault in ${online.count} documents, files and blobs`, 0, online.faults.length);
    await envarium('pull', reference, '--server', url, '--output', '../pulled');
    const offline = Verified.parse(await envarium('verify', '--dir', '../pulled', '--digest', imageDigest));
    narrator.compare('the pulled layout proves itself without the server', imageDigest, offline.imageDigest);
  });

  const hasSkopeo = await processes.run('skopeo', ['--version'], work).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (hasSkopeo) await tellOfSkopeo(narrator, processes, url, imageDigest, work);
  else narrator.say('\n(skopeo is not installed here: with it, its copy of the image would be compared too.)');
}

async function tellOfSkopeo(
  narrator: Narrator,
  processes: Processes,
  url: string,
  imageDigest: string,
  work: string,
): Promise<void> {
  await narrator.step('A tool that knows nothing of us copies the image by digest.', async () => {
    const reference = `docker://${new URL(url).host}/${RECORD}@${imageDigest}`;
    narrator.say(`$ skopeo copy ${reference} oci:copy`);
    const { code, stderr } = await processes.run(
      'skopeo',
      ['copy', '--src-tls-verify=false', '--preserve-digests', reference, 'oci:copy'],
      work,
    );
    if (code !== 0) throw new Error(`skopeo ended with ${code}\n${stderr}`);
    const index = z
      .object({ manifests: z.array(z.object({ digest: z.string() })) })
      .parse(JSON.parse(await readFile(path.join(work, 'copy/index.json'), 'utf8')));
    narrator.compare('the copy of skopeo has the same digest', imageDigest, index.manifests[0]?.digest);
  });
}

/** Deterministic noise around a parabola: the same measurements on every machine. */
function measurements(count: number): string {
  const rows = ['x,y'];
  let state = 20_261;
  for (let i = 0; i < count; i += 1) {
    state = (state * 16_807) % 2_147_483_647;
    const x = (i * 10) / count;
    rows.push(`${x.toFixed(3)},${(3 + 2 * x - 0.12 * x * x + (state / 2_147_483_647 - 0.5) * 4).toFixed(4)}`);
  }
  return `${rows.join('\n')}\n`;
}

async function runAnalysis(processes: Processes, directory: string, narrator: Narrator): Promise<Buffer> {
  const [, ...args] = COMMAND.split(' ');
  const { code, stdout, stderr } = await processes.run(process.execPath, args, directory);
  if (code !== 0) throw new Error(`the analysis ended with ${code}\n${stderr}`);
  narrator.say(`$ ${COMMAND}\n${stdout.trim()}`);
  return await readFile(path.join(directory, 'figure2.svg'));
}

async function unpackAnalysis(layer: Buffer, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for await (const { path: inside, type, isUnsafePath, body } of readTar(bytesOf(layer))) {
    if (type !== 'file' || isUnsafePath) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    await writeFile(path.join(target, path.basename(inside)), Buffer.concat(chunks));
  }
}

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function firstAnswer(asked: Promise<unknown>): Promise<OutputLink> {
  const [first] = Answers.parse(await asked).items;
  if (first === undefined) throw new Error('the archive knows no answer');
  return first;
}

async function main(): Promise<number> {
  const root = path.resolve(import.meta.dirname, '../../..');
  const work = await mkdtemp(path.join(tmpdir(), 'envarium-demo-'));
  // For root: PostgreSQL then runs as `nobody`, and must get through to its directory.
  await chmod(work, 0o711);
  const narrator = new Narrator(process.stdout);
  const processes = new Processes(root, {
    ENVARIUM_DATA_DIR: path.join(work, 'archive'),
    ENVARIUM_PORT: '0',
    ENVARIUM_URL: '',
    ENVARIUM_TOKEN: '',
    ENVARIUM_ADMIN_TOKEN: '',
    DATABASE_URL: '',
    ENVARIUM_S3_ENDPOINT: '',
    XDG_CONFIG_HOME: path.join(work, 'config'),
  });
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    await Promise.race([tell(narrator, processes, root, work), interrupted]);
    return narrator.conclude() ? 0 : 1;
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await processes.stopAll();
    await rm(work, { recursive: true, force: true });
  }
}

process.exitCode = await main();
