import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { digestOf } from '@envarium/oci';
import { FixityService } from '@envarium/registry';
import { FORMS, ImagePush, type Ledger } from './image-push.js';
import { pick, shuffled } from './random.js';
import { ServiceUnderTest } from './service-under-test.js';
import { storeKind } from './store-kind.js';
import type { Damage } from './store-under-test.js';
import { look } from './visible.js';

/*
 * npm run test:corruption -- --count 200 [--store s3]: so many stored blobs are damaged behind the back of a running
 * service. One scrub must find all of them and nothing else, none may be served afterwards, and a re-push must heal each.
 */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '200' }, store: { type: 'string', default: 'filesystem' } },
});

const MIB = 1024 * 1024;
/** The smallest are still all different. */
const LAYER_SIZES = [17, 900, 64 * 1024, MIB, 3 * MIB, 16 * MIB, 17 * MIB];
/** A quarter of what is stored stays sound: a scrub that cries at everything finds everything too. */
const STORED_FOR_EACH_DAMAGED = 1.25;
const BLOBS_OF_AN_IMAGE = 3;
const OUTCOMES = { flip: 'mismatch', truncate: 'truncated', delete: 'missing' } as const satisfies Record<
  Damage,
  string
>;
const DAMAGES = Object.keys(OUTCOMES) as readonly Damage[];

interface Stored {
  readonly digest: string;
  /** Every way to ask for it. */
  readonly names: readonly string[];
  damage: Damage | null;
  readonly faults: string[];
}

async function corrupt(count: number, service: ServiceUnderTest): Promise<boolean> {
  const images = await pushImages(service, Math.ceil((count * STORED_FOR_EACH_DAMAGED) / BLOBS_OF_AN_IMAGE));
  const stored = images.flatMap(blobsOf);
  const chosen = shuffled(stored).slice(0, count);
  for (const blob of chosen) {
    blob.damage = pick(DAMAGES);
    await service.store.damage(blob.digest, blob.damage);
  }
  say(`${stored.length} blobs stored, ${chosen.length} damaged`);
  // With an empty memory: what a server read before is still right, and not the question.
  await service.kill();
  await service.start();
  await serveBeforeScrub(service, chosen);
  const seconds = await scrub(service, stored, (blob) => blob.damage);
  say(`scrubbed in ${seconds.toFixed(1)} s`);
  for (const blob of stored) await expectServed(service, blob, blob.damage === null);
  for (const image of images) await pushAgain(service, image, stored);
  for (const blob of stored) await expectServed(service, blob, true);
  await scrub(service, stored, () => null);
  return report(stored);
}

async function pushImages(service: ServiceUnderTest, count: number): Promise<ImagePush[]> {
  const ledger: Ledger = { acknowledged: new Set(), sent: new Set() };
  const images: ImagePush[] = [];
  for (let i = 0; i < count; i += 1) {
    const image = new ImagePush(`lab/study-${i % 10}`, pick(FORMS), pick(LAYER_SIZES), ledger, () => {});
    await image.run(service.url);
    images.push(image);
  }
  return images;
}

function blobsOf({ repository, layer, config, manifest, tag }: ImagePush): Stored[] {
  const blob = (bytes: Buffer, names: (digest: string) => string[]): Stored => {
    const digest = digestOf(bytes);
    return { digest, names: names(digest).map((name) => `${repository}/${name}`), damage: null, faults: [] };
  };
  return [
    blob(layer, (digest) => [`blobs/${digest}`]),
    blob(config, (digest) => [`blobs/${digest}`]),
    blob(manifest, (digest) => [`manifests/${digest}`, `manifests/${tag}`]),
  ];
}

/**
 * Before anything was read back, no registry knows of a changed byte in a layer, and its client finds it by the digest.
 * What is shorter or gone must be noticed by the service itself; so must an image manifest, which it reads whole.
 */
async function serveBeforeScrub(service: ServiceUnderTest, chosen: readonly Stored[]): Promise<void> {
  let flipped = 0;
  for (const { names, damage, digest, faults } of chosen) {
    for (const name of names) {
      const seen = await look(service.url, name);
      const isServedWhole = seen.status === 200 && seen.digest !== null && seen.digest !== digest;
      if (isServedWhole && damage === 'flip' && name.includes('/blobs/')) flipped += 1;
      else if (isServedWhole) faults.push(`${name} was served as good before the scrub, after ${damage}`);
    }
  }
  say(
    `before the scrub ${flipped} layers and configs with a flipped bit were served; a client sees it by their digest`,
  );
}

/** One scrub, as the resolver does it, of everything. Returns seconds. */
async function scrub(
  service: ServiceUnderTest,
  stored: readonly Stored[],
  expected: (blob: Stored) => Damage | null,
): Promise<number> {
  const fixity = (await service.context()).get(FixityService, { strict: false });
  const from = performance.now();
  const reports = await fixity.check({ bytes: Number.POSITIVE_INFINITY, olderThan: new Date(Date.now() + 1000) });
  const seconds = (performance.now() - from) / 1000;
  const found = new Map(reports.map(({ digest, outcome }) => [digest, outcome]));
  for (const blob of stored) {
    const damage = expected(blob);
    const outcome = found.get(blob.digest) ?? 'not checked';
    if (outcome !== (damage === null ? 'ok' : OUTCOMES[damage]))
      blob.faults.push(`${blob.names[0]}, ${damage ?? 'sound'}, was found to be: ${outcome}`);
  }
  return seconds;
}

async function expectServed(
  service: ServiceUnderTest,
  { digest, names, faults }: Stored,
  isThere: boolean,
): Promise<void> {
  const expected = isThere ? 200 : 404;
  for (const name of names) {
    const head = await look(service.url, name, 'HEAD');
    const got = await look(service.url, name);
    if (head.status !== expected) faults.push(`HEAD ${name} answers ${head.status}, not ${expected}`);
    if (got.status !== expected) faults.push(`GET ${name} answers ${got.status}, not ${expected}`);
    else if (isThere && got.digest !== digest) faults.push(`GET ${name} gives bytes of ${got.digest}`);
  }
}

async function pushAgain(service: ServiceUnderTest, image: ImagePush, stored: readonly Stored[]): Promise<void> {
  image.startOver();
  try {
    await image.run(service.url);
  } catch (error) {
    const digests = [image.layer, image.config, image.manifest].map((bytes) => digestOf(bytes) as string);
    for (const blob of stored) {
      if (digests.includes(blob.digest)) blob.faults.push(`the push that should heal it fails: ${String(error)}`);
    }
  }
}

function report(stored: readonly Stored[]): boolean {
  const failed = stored.filter(({ faults }) => faults.length > 0);
  for (const { faults } of failed) for (const fault of faults) process.stderr.write(`FAULT ${fault}\n`);
  for (const damage of DAMAGES) say(`${damage}: ${stored.filter((blob) => blob.damage === damage).length}`);
  say(`${stored.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const service = await ServiceUnderTest.create(storeKind(values.store), 'silent');
try {
  await service.start();
  process.exitCode = (await corrupt(Number(values.count), service)) ? 0 : 1;
} finally {
  await service.stop();
}
