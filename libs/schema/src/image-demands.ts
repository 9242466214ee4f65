import { z } from 'zod';

const Evidence = z.string().describe('path in the image, or the package that says so');

/** A C library of an image: https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/noteabitag.html */
export const ImageLibc = z
  .object({
    family: z.enum(['glibc', 'musl']),
    version: z.string(),
    architecture: z.string().nullable().describe('of its programs, as images name it; null: a package says no more'),
    kernelMinimum: z
      .string()
      .nullable()
      .describe('oldest Linux that it is built for, as in 3.2.0; null: it names none'),
    evidence: Evidence,
  })
  .meta({ id: 'ImageLibc' });
export type ImageLibc = z.infer<typeof ImageLibc>;

/** What files of an image say of the machines that it runs on. What is not here is not known: it is not asked for nothing. */
export const ImageDemands = z
  .object({
    architecture: z.string().describe('of the image, as its config says'),
    libcs: z.array(ImageLibc),
    isaLevels: z
      .array(z.object({ level: z.string().describe('of x86-64, as in x86-64-v2'), evidence: Evidence }))
      .describe('that its libc, its loader or its interpreters are marked with; one of each'),
    system: z.object({ id: z.string(), versionId: z.string().nullable(), evidence: Evidence }).nullable(),
    toolkits: z.array(z.object({ version: z.string(), evidence: Evidence })).describe('of CUDA, in /usr/local'),
  })
  .meta({ id: 'ImageDemands' });
export type ImageDemands = z.infer<typeof ImageDemands>;
