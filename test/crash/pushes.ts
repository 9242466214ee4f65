import { setTimeout as sleep } from 'node:timers/promises';
import { FORMS, ImagePush, type Ledger, Refused } from './image-push.js';
import { type Leaks, leaksAfterExpiry } from './leaks.js';
import { pick } from './random.js';
import { ServiceUnderTest } from './service-under-test.js';
import { faultsOf } from './visible.js';

/** Pushes at the same time: each kill hits all of them. */
const CLIENTS = 4;
/** Of an image with a layer in chunks, the form that takes most: the kill falls anywhere in it. */
const REQUESTS_OF_A_PUSH = 10;
const AFTER_REQUEST_MS = 25;
const MIB = 1024 * 1024;
/** Below, at and above the size of a part of an object store (16 MiB). */
const LAYER_SIZES = [900, 64 * 1024, MIB, 3 * MIB, 16 * MIB, 20 * MIB, 34 * MIB];
const LEASES_END = `UPDATE upload SET lease_until = now() - interval '1 second' WHERE state = 'open'`;

/** What the clients do after the server came back. */
type Return = 'resumes' | 'starts again' | 'gives up';
const RETURNS: readonly Return[] = ['resumes', 'starts again', 'gives up'];

interface Tally {
  pushes: number;
  kills: number;
  interrupted: number;
  faults: string[];
}

/**
 * `npm run test:crash -- --pushes 200 --store s3`: the server is killed with -9 at a random point of each push. What was
 * acknowledged must be there, nothing wrong may be seen at any time, and after expiry nothing may be left over.
 */
export async function torturePushes(pushes: number, kind: 'filesystem' | 's3'): Promise<boolean> {
  const service = await ServiceUnderTest.create(kind);
  const ledger: Ledger = { acknowledged: new Set(), sent: new Set() };
  const tally: Tally = { pushes: 0, kills: 0, interrupted: 0, faults: [] };
  try {
    await service.start();
    while (tally.pushes < pushes && tally.faults.length === 0) await round(service, ledger, tally, pushes);
    tally.faults.push(...(await faultsOf(service.url, ledger.sent, ledger.acknowledged)));
    const leaks = await leaksAfterExpiry(service);
    tally.faults.push(...leaks.wrong.map((text) => `the store holds ${text}`));
    // What could be seen before expiry must be there after it.
    tally.faults.push(...(await faultsOf(service.url, ledger.acknowledged, ledger.acknowledged)));
    return report(tally, ledger, leaks, kind);
  } finally {
    await service.stop();
  }
}

async function round(service: ServiceUnderTest, ledger: Ledger, tally: Tally, limit: number): Promise<void> {
  const sentBefore = new Set(ledger.sent);
  const kill = killAtRandom(service);
  const count = Math.min(CLIENTS, limit - tally.pushes);
  const images = Array.from({ length: count }, (_, client) => {
    const form = pick(FORMS);
    return new ImagePush(`crash/client-${client}`, form, pick(LAYER_SIZES), ledger, kill.onRequest);
  });
  tally.pushes += count;
  const broken: ImagePush[] = [];
  const work = images.map(async (image) => {
    try {
      await image.run(service.url);
    } catch (error) {
      if (error instanceof Refused) tally.faults.push(error.message);
      broken.push(image);
    }
  });
  await Promise.all(work);
  await kill.done();
  tally.kills += 1;
  tally.interrupted += broken.length;
  const seconds = await service.start();
  tally.faults.push(...(await newFaults(service, ledger, sentBefore)));
  // A client would have to wait for half a minute: the writer before it may still be alive.
  await service.sql(LEASES_END);
  for (const image of broken) await comeBack(service, image, pick(RETURNS), tally);
  tally.faults.push(...(await newFaults(service, ledger, sentBefore)));
  const forms = images.map(({ form }) => form).join(', ');
  process.stdout.write(
    `kill ${tally.kills}: ${broken.length} of ${count} pushes interrupted (${forms}), back in ${seconds.toFixed(1)} s, ` +
      `${ledger.acknowledged.size} names acknowledged, ${tally.faults.length} faults\n`,
  );
}

/** The kill comes a moment after the n-th request of the round was begun. */
function killAtRandom(service: ServiceUnderTest): { onRequest: () => void; done: () => Promise<void> } {
  let left = 1 + Math.floor(Math.random() * REQUESTS_OF_A_PUSH * CLIENTS * 0.6);
  let killed: Promise<void> | null = null;
  const kill = async (delay: number): Promise<void> => {
    await sleep(delay);
    await service.kill();
  };
  return {
    onRequest: () => {
      left -= 1;
      if (left <= 0) killed ??= kill(Math.random() * AFTER_REQUEST_MS);
    },
    // The round was over before its turn came: an idle server dies as well.
    done: async () => await (killed ?? kill(0)),
  };
}

async function comeBack(service: ServiceUnderTest, image: ImagePush, how: Return, tally: Tally): Promise<void> {
  if (how === 'gives up') return;
  if (how === 'starts again') image.startOver();
  try {
    await image.run(service.url);
  } catch (error) {
    tally.faults.push(`a client that ${how} fails: ${String(error)}`);
  }
}

async function newFaults(service: ServiceUnderTest, ledger: Ledger, before: ReadonlySet<string>): Promise<string[]> {
  const names = [...ledger.sent].filter((name) => !before.has(name));
  return await faultsOf(service.url, names, ledger.acknowledged);
}

function report(tally: Tally, ledger: Ledger, leaks: Leaks, kind: string): boolean {
  for (const fault of tally.faults) process.stderr.write(`FAULT ${fault}\n`);
  const left = Object.entries(leaks).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
  for (const [what, names] of left) {
    for (const name of names.slice(0, 10)) process.stderr.write(`LEAK ${what}: ${name}\n`);
  }
  if (!leaks.isAged) {
    process.stdout.write('This store keeps its own time: staging was told to expire at once instead of by its age.\n');
  }
  const count = left.reduce((sum, [, names]) => sum + names.length, 0);
  const isPassed = tally.faults.length === 0 && count === 0;
  process.stdout.write(
    `${kind}: ${tally.pushes} pushes, ${tally.kills} kills, ${tally.interrupted} pushes interrupted, ` +
      `${ledger.acknowledged.size} names acknowledged, ${tally.faults.length} faults; after expiry ` +
      `${left.map(([what, names]) => `${names.length} ${what}`).join(', ')}\n`,
  );
  process.stdout.write(`${isPassed ? 'PASS' : 'FAIL'}\n`);
  return isPassed;
}
