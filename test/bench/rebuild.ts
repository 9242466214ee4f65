import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Job, RecipeDocument } from '@envarium/schema';
import { z } from 'zod';
import { Installation, TOKEN } from '../crash/installation.js';
import { Processes } from '../demo/processes.js';
import { CASES } from '../showcase/cases.js';
import { makeDebianBase } from '../showcase/debian-base.js';
import { permittedSources } from '../showcase/package-sources.js';
import { median } from './statistics.js';

/*
 * npm run bench:rebuild -- --case apt --rounds 3
 * A rebuild with the network off, as a job of Envarium from its start to its receipt, against the same Dockerfile built
 * online by buildah alone: both fetch the base from the same registry, and write an OCI layout.
 */
const BAR = 1.15;
const BASE = 'bases/debian';
const run = promisify(execFile);
const Recipe = z.object({ document: RecipeDocument });

const { values } = parseArgs({
  options: { case: { type: 'string', default: 'apt' }, rounds: { type: 'string', default: '3' } },
});

async function main(): Promise<boolean> {
  const root = path.resolve(import.meta.dirname, '../../..');
  const work = await mkdtemp(path.join(tmpdir(), 'envarium-bench-'));
  const plain = new Processes(root, { XDG_CONFIG_HOME: path.join(work, 'config') });
  const installation = await Installation.create(path.join(work, 'data'), {
    ENVARIUM_RECIPE_BASE: `${BASE}:v1`,
    ENVARIUM_OUTBOUND_ALLOW: await permittedSources(plain, work),
  });
  try {
    await installation.start();
    let isPassed = true;
    await archiveBase(plain, installation.url, work);
    for (const name of values.case.split(',')) {
      isPassed = (await measure(plain, installation.url, name, root, work)) && isPassed;
    }
    return isPassed;
  } finally {
    await installation.stop();
    await plain.stopAll();
    await rm(work, { recursive: true, force: true });
  }
}

async function archiveBase(processes: Processes, url: string, work: string): Promise<void> {
  await processes.envarium(['login', url, '--token', TOKEN], work);
  for (const namespace of ['bases', 'lab']) await processes.envarium(['namespace', 'create', namespace], work);
  const [empty, base] = [path.join(work, 'empty'), path.join(work, 'base')];
  await mkdir(empty);
  await mkdir(base);
  const image = `oci-archive:${await makeDebianBase(processes, base)}`;
  await processes.envarium(['deposit', empty, '--record', BASE, '--image', image], work);
  await processes.envarium(['publish', `${BASE}@v1`], work);
}

async function measure(processes: Processes, url: string, name: string, root: string, work: string): Promise<boolean> {
  const showcase = CASES.find((one) => one.name === name);
  if (showcase === undefined) throw new Error(`there is no case ${name}`);
  const record = `lab/${name}`;
  const folder = path.join(root, 'test/showcase/__fixtures__', showcase.folder);
  await processes.envarium(['deposit', folder, '--all', '--record', record], work);
  await processes.envarium(['publish', `${record}@v1`], work);
  await processes.envarium(['rehearse', `${record}@v1`], work);
  const build = await prepareOnline(url, record, path.join(work, `online-${name}`));
  const [offline, online]: [number[], number[]] = [[], []];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const started = performance.now();
    await build(round);
    online.push((performance.now() - started) / 1000);
    const { startedAt, finishedAt } = Job.parse(await processes.envarium(['rebuild', `${record}@v1`], work));
    offline.push((Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000);
  }
  const ratio = median(offline) / median(online);
  const isPassed = ratio <= BAR;
  process.stdout.write(
    `${isPassed ? 'PASS' : 'FAIL'}  ${name}: offline rebuild with comparison and receipt ${median(offline).toFixed(1)} s, ` +
      `buildah online ${median(online).toFixed(1)} s: ${ratio.toFixed(2)} times as long (at most ${BAR}); medians of ${values.rounds}\n`,
  );
  return isPassed;
}

/** Where this machine trusts an authority of its own, the programs in a plain build have to be told too. */
const AUTHORITIES = process.env['NODE_EXTRA_CA_CERTS'] ?? '';
const INSIDE = '/run/authorities.pem';
const TRUST = ['SSL_CERT_FILE', 'PIP_CERT', 'NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE'].map((name) => `${name}=${INSIDE}`);
const trusting = (dockerfile: string): string =>
  AUTHORITIES === '' ? dockerfile : dockerfile.replace(/^FROM .*$/gm, (from) => `${from}\nENV ${TRUST.join(' ')}`);

/** The same Dockerfile and context, as plain buildah takes them. @returns one build */
async function prepareOnline(
  url: string,
  record: string,
  directory: string,
): Promise<(round: number) => Promise<void>> {
  const version = `${url}/api/v1/versions/${encodeURIComponent(`${record}@v1`)}`;
  const { document } = Recipe.parse(await (await fetch(`${version}/recipe`)).json());
  let dockerfile = await (await fetch(`${version}/recipe/Dockerfile`)).text();
  for (const { reference, repository, digest } of document.bases) {
    dockerfile = dockerfile.replaceAll(reference, `${new URL(url).host}/${repository}@${digest}`);
  }
  const context = path.join(directory, 'context');
  await mkdir(context, { recursive: true });
  await writeFile(path.join(directory, 'Dockerfile'), trusting(dockerfile));
  const tar = path.join(directory, 'context.tar');
  const answer = await fetch(`${url}/v2/${record}/blobs/${document.context}`, {
    headers: { authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` },
  });
  if (!answer.ok) throw new Error(`the context answered ${answer.status}`);
  await writeFile(tar, Buffer.from(await answer.arrayBuffer()));
  await run('tar', ['-xf', tar, '-C', context]);
  return async (round) => {
    const place = path.join(directory, `round-${round}`);
    const storage = [
      '--root',
      path.join(place, 'root'),
      '--runroot',
      path.join(place, 'runroot'),
      '--storage-driver',
      'overlay',
    ];
    const options = ['--isolation', 'oci', '--runtime', 'runc', '--network', 'host', '--ulimit', 'nofile=1024:1024'];
    const volumes = AUTHORITIES === '' ? [] : ['--volume', `${AUTHORITIES}:${INSIDE}:ro`];
    const image = ['--tls-verify=false', '--pull-always', '--no-cache', '--layers=false', '--timestamp', '1767225600'];
    const target = [
      '--tag',
      `oci:${path.join(place, 'image')}:latest`,
      '--file',
      path.join(directory, 'Dockerfile'),
      context,
    ];
    await run('buildah', [...storage, 'bud', ...options, ...volumes, ...image, ...target], {
      maxBuffer: 64 * 1024 * 1024,
    });
    await run('buildah', [...storage, 'rmi', '--all', '--force']).catch(() => undefined);
    await rm(place, { recursive: true, force: true });
  };
}

process.exitCode = (await main()) ? 0 : 1;
