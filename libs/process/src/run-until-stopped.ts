/** A stop that takes longer is no graceful one; supervisors kill after that anyway. */
const STOP_LIMIT_MS = 10_000;

/**
 * Runs a service as a process: starts it, stops it on SIGINT, SIGTERM, or when the launcher that made this process is
 * gone. Exit code 1 when it cannot start.
 */
export async function runUntilStopped(
  start: () => Promise<() => Promise<void>>,
  describeFailure: (error: unknown) => string,
): Promise<void> {
  let stop: (() => Promise<void>) | null = null;
  let isStopping = false;
  const end = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void (stop?.() ?? Promise.resolve()).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  try {
    stop = await start();
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    process.exit(1);
  }
}
