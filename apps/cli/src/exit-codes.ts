/** What a script may rely on. Listed in `envarium --help`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unreachable: 5,
  verification: 6,
  diverged: 10,
  incomplete: 11,
  refused: 12,
  jobFailed: 13,
  cancelled: 14,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODE_HELP = `Exit codes:
  0  done
  1  failed
  2  wrong usage or settings
  3  not found
  4  not logged in, or not allowed
  5  server or network cannot be reached
  6  verification failed: bytes are not what their digest says, or a receipt does not hold
  10 to 14  of rehearse, rebuild and rerun: see their help`;
