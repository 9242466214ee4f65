import { ArchiveError } from '@envarium/errors';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';

export interface Fault {
  /** What it is for people: "layer", "package file environment.yml". */
  readonly what: string;
  readonly digest: string | null;
  readonly code: string;
  readonly reason: string;
}

/** What a verification has seen so far. A wrong byte does not end it: all faults are to be known. */
export class Findings {
  readonly faults: Fault[] = [];
  count = 0;
  size = 0;

  /** Counts a check that succeeds, notes one that fails. Failures to ask at all are thrown on. */
  async check(what: string, digest: string | null, read: () => Promise<number>): Promise<void> {
    try {
      const size = await read();
      this.size += size;
      this.count += 1;
    } catch (error) {
      this.faults.push(faultOf(what, digest, error));
    }
  }

  fault(what: string, digest: string | null, reason: string): void {
    this.faults.push({ what, digest, code: 'MISMATCH', reason });
  }
}

function faultOf(what: string, digest: string | null, error: unknown): Fault {
  if (error instanceof ArchiveError) {
    return { what, digest, code: error.code, reason: `${error.message} ${JSON.stringify(error.detail)}` };
  }
  if (error instanceof CommandFailed && error.failure.exitCode === EXIT.notFound) {
    return { what, digest, code: error.failure.code, reason: 'not held by the registry' };
  }
  throw error;
}

/** @throws CommandFailed with all faults, when there is one */
export function assertFaultless(findings: Findings, what: string): void {
  if (findings.faults.length === 0) return;
  throw new CommandFailed({
    exitCode: EXIT.verification,
    code: 'VERIFICATION_FAILED',
    title: `${what} is not what it says`,
    remedy: 'Do not rely on it. Tell the operator of the archive, or pull it again from there.',
    detail: {
      faults: findings.faults.map(
        ({ what: name, digest, code, reason }) => `${name}${digest === null ? '' : ` ${digest}`}: ${code}: ${reason}`,
      ),
      correct: findings.count,
    },
  });
}

/** Reads to the end. @returns bytes */
export async function drain(content: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of content) size += chunk.length;
  return size;
}
