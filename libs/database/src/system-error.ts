/** `ENOENT`, `EACCES`, ...: the errno name of a failed system call, or undefined when the error is another one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a failed child process wrote to its standard error, or the message of the error itself. */
export function stderrOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
    ? error.stderr.trim()
    : error.message;
}
