import type { Prisma } from '@envarium/database';
import { presentVersion, versionSelect } from '@envarium/records';
import { pullCommands, type RegistryAddress } from '@envarium/resolution';
import type { Article, Output, OutputLink, Run } from '@envarium/schema';
import { doiUrl } from './doi.js';
import { formatOutputLabel, OUTPUT_KINDS, type OutputKind } from './output-label.js';

export const articleSelect = { doi: true, title: true } as const satisfies Prisma.ArticleSelect;

export function presentArticle(row: Prisma.ArticleGetPayload<{ select: typeof articleSelect }>): Article {
  return { doi: row.doi, url: doiUrl(row.doi), title: row.title };
}

export const outputSelect = {
  id: true,
  scope: true,
  kind: true,
  number: true,
  panel: true,
  asPrinted: true,
  componentDoi: true,
} as const satisfies Prisma.OutputSelect;

export function presentOutput(row: Prisma.OutputGetPayload<{ select: typeof outputSelect }>): Output {
  const panel = row.panel === '' ? null : row.panel;
  const label = { scope: row.scope, kind: outputKind(row.kind), number: row.number, panel };
  return { ...label, label: formatOutputLabel(label), asPrinted: row.asPrinted, componentDoi: row.componentDoi };
}

const fileSelect = { name: true, digest: true, size: true } as const;

const runSelect = {
  publicId: true,
  command: true,
  artifactDigest: true,
  inputs: { select: fileSelect, orderBy: { position: 'asc' } },
  files: { select: fileSelect, orderBy: { position: 'asc' } },
} as const satisfies Prisma.RunSelect;
type RunRow = Prisma.RunGetPayload<{ select: typeof runSelect }>;

export function presentRun(row: RunRow): Run {
  return {
    id: row.publicId,
    command: row.command,
    inputs: row.inputs.map(presentFile),
    files: row.files.map(presentFile),
    artifactDigest: row.artifactDigest,
  };
}

function presentFile(row: { name: string; digest: string; size: bigint }): {
  name: string;
  digest: string;
  size: number;
} {
  return { name: row.name, digest: row.digest, size: Number(row.size) };
}

export const linkSelect = {
  runId: true,
  outputId: true,
  status: true,
  assertedBy: true,
  assertedRole: true,
  assertedAt: true,
  output: { select: { ...outputSelect, article: { select: articleSelect } } },
  run: { select: { ...runSelect, version: { select: versionSelect } } },
} as const satisfies Prisma.OutputLinkSelect;
export type LinkRow = Prisma.OutputLinkGetPayload<{ select: typeof linkSelect }>;

export function presentLink(row: LinkRow, registry: RegistryAddress): OutputLink {
  const version = presentVersion(row.run.version);
  return {
    article: presentArticle(row.output.article),
    output: presentOutput(row.output),
    run: presentRun(row.run),
    status: row.status,
    assertedBy: row.assertedBy,
    assertedRole: row.assertedRole,
    assertedAt: row.assertedAt.toISOString(),
    version,
    pull: version.imageDigest === null ? null : pullCommands(registry, version.repository, version.imageDigest),
  };
}

function outputKind(text: string): OutputKind {
  return OUTPUT_KINDS.find((kind) => kind === text) ?? 'other';
}
