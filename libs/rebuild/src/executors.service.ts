import { Injectable } from '@nestjs/common';
import { ArchiveError } from '@envarium/errors';
import type { Executor, ExecutorProbe, Internet } from '@envarium/sandbox';

export interface ChosenExecutor {
  readonly executor: Executor;
  readonly probe: ExecutorProbe;
}

/** What this machine can build and run with. Found out at the first job, and then known. */
@Injectable()
export class ExecutorsService {
  private opened: Promise<readonly Executor[]> | null = null;

  constructor(private readonly open: () => Promise<readonly Executor[]>) {}

  /**
   * The first that can do it.
   * @throws ArchiveError EXECUTOR_UNAVAILABLE with what each of them lacks
   */
  async choose(platform: string, internet: Internet = { kind: 'off' }): Promise<ChosenExecutor> {
    this.opened ??= this.open();
    const reasons: Record<string, string> = {};
    for (const executor of await this.opened) {
      const probe = await executor.probe();
      const refusal = executor.refuses(internet);
      if (probe.isUsable && probe.platforms.includes(platform) && refusal === null) return { executor, probe };
      reasons[executor.id] = probe.reason ?? refusal ?? `builds for ${probe.platforms.join(', ')} only`;
    }
    throw new ArchiveError('EXECUTOR_UNAVAILABLE', { platform, executors: reasons });
  }
}
