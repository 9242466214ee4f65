import { Injectable } from '@nestjs/common';
import type { Principal } from '@envarium/access';
import { presentVersion, RecordsService, type VersionRow, versionReference } from '@envarium/records';
import { ResolutionService } from '@envarium/resolution';
import type {
  OutputLink,
  Resolution,
  ResolveAnswer,
  ResolvedClaim,
  ResolvedEnvironment,
  ResolveQuery,
  ResolveQuestion,
} from '@envarium/schema';
import { ArticlesService } from './articles.service.js';

/** Every source of each environment is asked, so only so many are resolved at once. */
const MAX_ENVIRONMENTS = 10;
const MAX_CLAIMS = 200;

/** "Give me the environment behind this": of a version, an image, an output of an article, or the file of a figure. */
@Injectable()
export class ResolveService {
  constructor(
    private readonly articles: ArticlesService,
    private readonly records: RecordsService,
    private readonly resolutions: ResolutionService,
  ) {}

  /**
   * What nobody linked or deposited is an empty answer, not an error.
   * @throws ArchiveError RECORD_UNKNOWN, VERSION_UNKNOWN (asked by version), DOI_INVALID, OUTPUT_LABEL_INVALID
   */
  async resolve(principal: Principal, question: ResolveQuestion): Promise<ResolveAnswer> {
    const { version, image } = question;
    if (version !== undefined)
      return await this.ofRows([await this.records.requireVersion(principal, version)], question);
    if (image !== undefined) {
      return await this.ofRows(
        await this.resolutions.versionsOfImage(principal, image, MAX_ENVIRONMENTS + 1),
        question,
      );
    }
    const { items, next } = await this.articles.whatRan(principal, question, MAX_CLAIMS, null);
    const { resolved, isComplete } = await this.ofLinks(principal, items, question);
    return { items: resolved, isComplete: isComplete && next === null };
  }

  /** Claims of one version together, each version resolved once, the newest claim first. */
  async ofLinks(
    principal: Principal,
    links: readonly OutputLink[],
    query: ResolveQuery,
  ): Promise<{ resolved: ResolvedEnvironment[]; isComplete: boolean }> {
    const byVersion = new Map<string, OutputLink[]>();
    for (const link of links) {
      const reference = versionReference(link.version);
      byVersion.set(reference, [...(byVersion.get(reference) ?? []), link]);
    }
    const asked = [...byVersion.entries()].slice(0, MAX_ENVIRONMENTS);
    const resolved: ResolvedEnvironment[] = [];
    for (const [reference, claims] of asked) {
      const [first] = claims;
      if (first === undefined) continue;
      const resolution = await this.resolutions.resolve(principal, reference, query);
      resolved.push({ version: first.version, claims: claims.map(presentClaim), resolution });
    }
    return { resolved, isComplete: asked.length === byVersion.size };
  }

  private async ofRows(rows: readonly VersionRow[], query: ResolveQuery): Promise<ResolveAnswer> {
    const items: ResolvedEnvironment[] = [];
    for (const row of rows.slice(0, MAX_ENVIRONMENTS)) {
      const resolution: Resolution = await this.resolutions.resolveRow(row, query);
      items.push({ version: presentVersion(row), claims: [], resolution });
    }
    return { items, isComplete: rows.length <= MAX_ENVIRONMENTS };
  }
}

function presentClaim({
  article,
  output,
  run,
  status,
  assertedBy,
  assertedRole,
  assertedAt,
}: OutputLink): ResolvedClaim {
  return { doi: article.doi, output: output.label, runId: run.id, status, assertedBy, assertedRole, assertedAt };
}
