import { z } from 'zod';
import { HardwareFingerprint, HardwareSource } from './hardware.js';

/**
 * How an archived environment fits the asker's machine: two separate statements. That an image starts says nothing
 * about its numbers, and equal numbers are never promised.
 */
const Reasons = z.array(z.string()).min(1).describe('why, for people; the deciding reason first');

export const StartVerdict = z
  .enum(['yes', 'no', 'emulated-only', 'unknown'])
  .describe('emulated-only: by QEMU user-mode emulation, slowly')
  .meta({ id: 'StartVerdict' });
export type StartVerdict = z.infer<typeof StartVerdict>;

export const BitsVerdict = z
  .enum(['plausible', 'last-digits-may-differ', 'differences-expected', 'unknown'])
  .describe('whether floating-point results may be equal to the archived ones, bit by bit')
  .meta({ id: 'BitsVerdict' });
export type BitsVerdict = z.infer<typeof BitsVerdict>;

export const GpuVerdict = z
  .enum(['not-needed', 'native', 'jit', 'needs-newer-driver', 'unsupported', 'unknown'])
  .describe('native: machine code for this GPU is there; jit: the driver compiles its PTX at first use')
  .meta({ id: 'GpuVerdict' });
export type GpuVerdict = z.infer<typeof GpuVerdict>;

export const FitReport = z
  .object({
    willItStart: z.object({ verdict: StartVerdict, reasons: Reasons }),
    bitsMatch: z.object({ verdict: BitsVerdict, reasons: Reasons }),
    gpu: z.object({ verdict: GpuVerdict, reasons: Reasons }),
    virtualPackages: z
      .array(z.string())
      .describe('what conda would say of the machine: __linux=6.1, __glibc=2.36, __archspec=1=zen3, __cuda=12.2'),
  })
  .meta({ id: 'FitReport' });
export type FitReport = z.infer<typeof FitReport>;

/** The machine of the asker, as a fingerprint or as reports that one is made of. Nothing of it is kept. */
export const FitQuestion = z
  .object({
    fingerprint: HardwareFingerprint.optional().describe('as `envarium` makes it of the machine it runs on'),
    reports: z
      .array(
        z
          .object({
            path: z.string().max(1000).describe('name of the file; a hint only'),
            content: z.string().max(8 * 2 ** 20),
          })
          .meta({ id: 'HardwareReportFile' }),
      )
      .min(1)
      .max(16)
      .optional()
      .describe('lscpu, lscpu --json, /proc/cpuinfo, nvidia-smi -q, lshw -json, lstopo XML, ... of one machine'),
  })
  .refine(({ fingerprint, reports }) => (fingerprint === undefined) !== (reports === undefined), {
    error: 'give either fingerprint or reports',
  });
export type FitQuestion = z.infer<typeof FitQuestion>;

export const ReportReading = z
  .object({
    path: z.string(),
    format: HardwareSource.nullable().describe('null: not understood'),
    message: z.string().nullable().describe('why it is not understood, or the first thing in it that is not'),
    line: z.number().int().nullable(),
  })
  .meta({ id: 'ReportReading' });
export type ReportReading = z.infer<typeof ReportReading>;

export const FitAnswer = z
  .object({
    machine: HardwareFingerprint.describe('what was understood of the machine'),
    reports: z.array(ReportReading),
    fit: FitReport,
  })
  .meta({ id: 'FitAnswer' });
export type FitAnswer = z.infer<typeof FitAnswer>;
