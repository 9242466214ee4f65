import { z } from 'zod';
import { Article, LinkStatus, Output } from './article.js';
import { Evidence } from './environment-manifest.js';
import { RecordVersion } from './record.js';

/** Answers to questions about many environments: each hit says what makes it one. */

export const UsedOutput = z
  .object({
    article: Article,
    output: Output,
    runId: z.string(),
    status: LinkStatus,
  })
  .describe('an output of an article that is linked to the version')
  .meta({ id: 'UsedOutput' });
export type UsedOutput = z.infer<typeof UsedOutput>;

/** What every hit has: the version, and what it led to. */
const Hit = z.object({
  version: RecordVersion,
  outputs: z.array(UsedOutput).describe('newest run first, at most 20; the links of the version have all'),
});

export const PackageAnswer = z
  .enum(['uses', 'undecidable', 'unknown'])
  .describe(
    'uses: a version in the range is in the environment; undecidable: it is there in a version that the rules cannot read; ' +
      'unknown: it was asked for, and no version of it is known',
  )
  .meta({ id: 'PackageAnswer' });
export type PackageAnswer = z.infer<typeof PackageAnswer>;

export const UsedPackage = z
  .object({
    version: z.string().nullable().describe('null: no version is known, only what was asked for'),
    build: z.string(),
    specifier: z.string().nullable().describe('what was asked for, where no version is known'),
    scope: z.string().describe('host, container, language'),
    standing: z.string().describe('declared, locked, observed'),
    evidence: Evidence.nullable().describe('the first place that says so; the environment manifest has all'),
  })
  .meta({ id: 'UsedPackage' });
export type UsedPackage = z.infer<typeof UsedPackage>;

export const PackageUse = Hit.extend({ packages: z.array(UsedPackage) }).meta({ id: 'PackageUse' });
export type PackageUse = z.infer<typeof PackageUse>;

export const PackageQuestion = z.object({
  range: z
    .string()
    .max(2000)
    .default('*')
    .describe('in the syntax of the ecosystem, as in >=1.21,<2; * for any version'),
  answer: PackageAnswer.default('uses'),
});
export type PackageQuestion = z.infer<typeof PackageQuestion>;

export const UseCount = z
  .object({
    count: z.number().int(),
    isAtLeast: z.boolean().describe('true: counting stopped there, and there are more'),
  })
  .meta({ id: 'UseCount' });
export type UseCount = z.infer<typeof UseCount>;

export const PackageUseSummary = z
  .object({
    ecosystem: z.string(),
    name: z.string().describe('as the ecosystem compares names'),
    range: z.string(),
    rules: z.string().describe('whose rules decided'),
    uses: UseCount,
    undecidable: UseCount,
    unknown: UseCount,
  })
  .describe('how many versions of records answer, each way')
  .meta({ id: 'PackageUseSummary' });
export type PackageUseSummary = z.infer<typeof PackageUseSummary>;

export const MachineQuestion = z
  .object({
    architecture: z.string().max(64).optional().describe('x86_64, aarch64, ...'),
    isaLevel: z.string().max(64).optional().describe('x86-64-v1 .. x86-64-v4'),
    microarchitecture: z.string().max(64).optional().describe('as archspec names it: zen3, skylake_avx512'),
    cpu: z.string().min(2).max(200).optional().describe('part of the name of the CPU'),
    gpu: z.string().min(2).max(200).optional().describe('part of the name of a GPU: A100'),
    gpuDriver: z.string().max(64).optional().describe('version of the GPU driver, or how it begins: 535, 535.104'),
  })
  .refine((question) => Object.values(question).some((value) => value !== undefined), {
    error: 'name one thing that the machine had',
  });
export type MachineQuestion = z.infer<typeof MachineQuestion>;

export const MachineUse = Hit.extend({
  microarchitecture: z.string().nullable().describe('as archspec names it, computed from the features of the CPU'),
}).meta({ id: 'MachineUse' });
export type MachineUse = z.infer<typeof MachineUse>;

export const SharedPart = z
  .enum([
    'image',
    'child-image',
    'layer',
    'config',
    'package-file',
    'environment',
    'hardware',
    'base-image',
    'base-layers',
  ])
  .describe(
    'base-image: a file names that image by digest as what it builds on; base-layers: the image begins with all layers of that image',
  )
  .meta({ id: 'SharedPart' });
export type SharedPart = z.infer<typeof SharedPart>;

export const ContentUse = Hit.extend({
  shares: z.array(
    z
      .object({ part: SharedPart, path: z.string().nullable().describe('of a package file') })
      .meta({ id: 'SharedContent' }),
  ),
}).meta({ id: 'ContentUse' });
export type ContentUse = z.infer<typeof ContentUse>;
