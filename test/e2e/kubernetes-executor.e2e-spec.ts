import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeKubernetes } from '@envarium/testing';
import { afterAll, describe, it } from 'vitest';
import { describeExecutor } from '../../libs/sandbox/src/executor.suite.js';
import { openPodExecutor } from '../../libs/sandbox/src/open-executors.js';
import { compiledDirectory } from '../../libs/sandbox/src/programs.js';
import { openPodsHere, podsEnded, runPod } from './pod-node.js';

/*
 * The suite that every executor has to pass, for jobs that go to a cluster and come back: only the node is of this test, and
 * it runs the real programs of the pod. What the cluster's own walls add cannot be seen here.
 */
const isBuilt = existsSync(path.join(compiledDirectory(), 'cell/main.js'));
const { isUsable, reason } = isBuilt
  ? await openPodExecutor(tmpdir()).probe()
  : { isUsable: false, reason: 'npm run build' };
if (isUsable) {
  const directory = await mkdtemp(path.join(tmpdir(), 'envarium-executor-node-'));
  const cluster = await FakeKubernetes.start(async (pod) => await runPod(pod, directory));
  describeExecutor(await openPodsHere(cluster, directory));
  afterAll(async () => {
    await cluster.stop();
    await podsEnded();
    await rm(directory, { recursive: true, force: true });
  });
} else {
  describe('sandbox/kubernetes', () => {
    it(`SKIPPED: no pod can be played here: ${reason}`, ({ skip }) => skip());
  });
}
