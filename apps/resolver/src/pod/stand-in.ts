import { giveAccount, openClosure, startReplay } from '@envarium/closure';

/**
 * stand-in DIRECTORY SOCKET ACCOUNT: what the container `stand-in` of a Kubernetes job runs. Answers what a build asks for from
 * the closure in the directory, and says on the second socket, once, what it was asked for.
 */
const [directory, socket, account] = process.argv.slice(2);
if (directory === undefined || socket === undefined || account === undefined) {
  throw new Error('give a directory and two sockets');
}
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('the pod is being stopped')));
const replay = await startReplay({ socket, ...(await openClosure(directory)), signal: stop.signal });
const { given } = await giveAccount(replay, account);
// It is taken away with its pod: an end by itself would look like a crash, and it would be started again.
stop.signal.addEventListener('abort', () => process.exit(0));
await given;
await new Promise(() => setInterval(() => undefined, 2 ** 30));
