import { Injectable } from '@nestjs/common';
import { type Principal, versionsReadableSql } from '@envarium/access';
import { decodeCursor, type EdgePage, edgesOf, Prisma, PrismaService } from '@envarium/database';
import type { MachineQuestion, MachineUse } from '@envarium/schema';
import { HIT_COLUMNS, HIT_TABLES, type HitSql, presentHit } from './hit-sql.js';

const MICROARCHITECTURE = Prisma.sql`(h.document -> 'cpu' -> 'microarchitecture' ->> 'value')`;

interface MachineUseSql extends HitSql {
  readonly microarchitecture: string | null;
}

/** Which versions ran on a machine of some kind, as their hardware fingerprints say. */
@Injectable()
export class MachineUsesService {
  constructor(private readonly prisma: PrismaService) {}

  /** Newest version first. @throws ArchiveError CURSOR_INVALID */
  async uses(
    principal: Principal,
    question: MachineQuestion,
    limit: number,
    cursor: string | null,
  ): Promise<EdgePage<MachineUse>> {
    const [before] = cursor === null ? [null] : decodeCursor(cursor, ['bigint']);
    const conditions = [
      ...conditionsOf(question),
      versionsReadableSql(principal),
      ...(before === null ? [] : [Prisma.sql`v.id < ${before}`]),
    ];
    const { rows } = await this.prisma.statement<MachineUseSql>(Prisma.sql`
      SELECT ${HIT_COLUMNS}, ${MICROARCHITECTURE} AS microarchitecture FROM ${HIT_TABLES}
      WHERE ${Prisma.join(conditions, ' AND ')} ORDER BY v.id DESC LIMIT ${limit + 1}`);
    return edgesOf(
      rows,
      limit,
      (row) => [row.version_id],
      (row) => ({ ...presentHit(row), microarchitecture: row.microarchitecture }),
    );
  }
}

function conditionsOf({
  architecture,
  isaLevel,
  microarchitecture,
  cpu,
  gpu,
  gpuDriver,
}: MachineQuestion): Prisma.Sql[] {
  return [
    architecture !== undefined && Prisma.sql`h.architecture = ${architecture}`,
    isaLevel !== undefined && Prisma.sql`h.isa_level = ${isaLevel}`,
    microarchitecture !== undefined && Prisma.sql`${MICROARCHITECTURE} = ${microarchitecture}`,
    cpu !== undefined && Prisma.sql`strpos(lower(h.cpu_model), lower(${cpu})) > 0`,
    gpu !== undefined &&
      Prisma.sql`EXISTS (SELECT FROM unnest(h.gpu_models) AS g(model) WHERE strpos(lower(g.model), lower(${gpu})) > 0)`,
    // 535 is 535.104.05, and not 5350.
    gpuDriver !== undefined &&
      Prisma.sql`(h.gpu_driver = ${gpuDriver} OR starts_with(h.gpu_driver, ${gpuDriver}::text || '.'))`,
  ].filter((condition) => condition !== false);
}
