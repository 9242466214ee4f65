import { Injectable } from '@nestjs/common';
import { MirrorSource } from './mirror-source.js';
import { PullSource } from './pull-source.js';
import { ReResolveSource } from './re-resolve-source.js';
import { RebuildSource } from './rebuild-source.js';
import type { ResolutionSource } from './source.js';

/** Every source, in the order in which routes of equal grade are ranked. */
@Injectable()
export class Sources {
  readonly list: readonly ResolutionSource[];

  constructor(pull: PullSource, mirror: MirrorSource, rebuild: RebuildSource, reResolve: ReResolveSource) {
    this.list = [pull, mirror, rebuild, reResolve];
  }
}
