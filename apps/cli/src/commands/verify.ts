import { parseDigest } from '@envarium/oci';
import type { RecordVersion } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed, usageError } from '../failure.js';
import { formatSize } from '../text/size.js';
import { versionName } from '../text/version-text.js';
import { assertFaultless, Findings } from '../verify/findings.js';
import { verifyLayout } from '../verify/verify-layout.js';
import { verifyReceiptFile } from '../verify/verify-receipt.js';
import { verifyRecord } from '../verify/verify-record.js';

const Options = z.object({
  dir: z.string().optional(),
  receipt: z.string().optional(),
  key: z.string().optional(),
  digest: z.string().optional(),
});

export async function verify(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [reference] = args;
  const { dir, receipt, key, digest } = Options.parse(options);
  if ([reference, dir, receipt].filter((each) => each !== undefined).length !== 1)
    throw usageError('say what to verify', 'Give a version, or --dir DIRECTORY, or --receipt FILE; one of them.');
  if ((receipt === undefined) !== (key === undefined))
    throw usageError('--receipt and --key belong together', 'Get the keys with `envarium keys --output keys.pem`.');
  const expected = digest === undefined ? null : parseDigest(digest);
  if (receipt !== undefined) await verifyReceiptFile(context.output, receipt, key ?? '', expected);
  else if (dir !== undefined) await verifyDirectory(context, dir, expected);
  else await verifyVersion(context, reference ?? '', expected);
}

async function verifyDirectory({ output }: CommandContext, directory: string, expected: string | null): Promise<void> {
  const findings = new Findings();
  const digest = await verifyLayout(directory, findings, output);
  if (expected !== null && digest !== expected) throw otherDigest(directory, expected, [digest]);
  assertFaultless(findings, directory);
  const { count, size } = findings;
  output.result({ directory, imageDigest: digest, count, size, faults: [] }, [
    `image     ${digest}`,
    `Verified ${directory}: ${count} documents and blobs, ${formatSize(size)}, every digest correct.`,
    ...(expected === null ? ['Compare the digest with the one that the article cites, or give it with --digest.'] : []),
  ]);
}

async function verifyVersion(context: CommandContext, reference: string, expected: string | null): Promise<void> {
  const { api, registry } = await context.connect();
  const version = await api.version(reference);
  const name = versionName(version);
  const { recordDigest, imageDigest } = version;
  if (recordDigest === null || version.publishedAt === null) throw notPublished(name, version);
  if (expected !== null && expected !== recordDigest && expected !== imageDigest) {
    throw otherDigest(name, expected, [recordDigest, ...(imageDigest === null ? [] : [imageDigest])]);
  }

  const findings = new Findings();
  await verifyRecord(registry, version, parseDigest(recordDigest), findings, context.output);
  assertFaultless(findings, name);
  const { count, size } = findings;
  context.output.result({ version: name, recordDigest, imageDigest, count, size, faults: [] }, [
    `identity  ${recordDigest}`,
    `image     ${imageDigest ?? 'none'}`,
    `Verified ${name}: ${count} documents, files and blobs, ${formatSize(size)}, every digest correct.`,
    ...(expected === null
      ? ['Compare the identity with the one that the article cites, or give it with --digest.']
      : []),
  ]);
}

function notPublished(name: string, { state }: RecordVersion): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.failure,
    code: 'VERSION_NOT_PUBLISHED',
    title: `${name} is a ${state}, which has no identity to verify yet`,
    remedy: `Publish it first: envarium publish ${name}`,
    detail: {},
  });
}

function otherDigest(what: string, expected: string, actual: readonly string[]): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.verification,
    code: 'DIGEST_INVALID',
    title: `${what} is not what --digest says`,
    remedy: null,
    detail: { expected, actual: actual.join(', ') },
  });
}
