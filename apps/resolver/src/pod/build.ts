import { openPodExecutor, runPodJob } from '@envarium/sandbox';

/**
 * build INPUT OUTPUT SCRATCH SOCKET ACCOUNT: what the container `builder` of a Kubernetes job runs. Does what the first
 * directory says, tells of it on standard output, and leaves what came of it in the second.
 */
const [input, output, scratch, socket, account] = process.argv.slice(2);
if (
  input === undefined ||
  output === undefined ||
  scratch === undefined ||
  socket === undefined ||
  account === undefined
) {
  throw new Error('give three directories and two sockets');
}
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('the pod is being stopped')));
const places = { input, output, scratch, socket, account };
await runPodJob(openPodExecutor(scratch), (line) => void process.stdout.write(line), stop.signal, places);
