import { writeFile } from 'node:fs/promises';
import { digestOf } from '@envarium/oci';
import type { Receipt, ReceiptDetail } from '@envarium/schema';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CommandFailed } from '../failure.js';
import { printable } from '../text/printable.js';
import { claimLines } from '../text/receipt-text.js';
import { table } from '../text/table.js';

const PAGE = 1000;
const Options = z.object({ output: z.string().optional() });

export async function receipts(context: CommandContext, { args }: CommandInput): Promise<void> {
  const [reference = ''] = args;
  const { api } = await context.connect();
  const items: Receipt[] = [];
  for (let cursor: string | undefined, hasMore = true; hasMore;) {
    const page = await api.receipts(reference, { limit: PAGE, cursor });
    items.push(...page.items);
    cursor = page.next ?? undefined;
    hasMore = page.next !== null;
  }
  const rows = items.map(({ id, kind, outcome, isProof, createdAt, summary }) => [
    id,
    createdAt,
    kind === 'rebuild' ? 'same environment' : 'same result',
    outcome,
    isProof ? 'proof' : 'no proof',
    printable(summary),
  ]);
  context.output.result(
    { items },
    items.length === 0
      ? ['Nothing was rebuilt or repeated here yet.']
      : table(['receipt', 'signed', 'about', 'outcome', 'network off', 'summary'], rows),
  );
}

export async function receipt(context: CommandContext, { args, options }: CommandInput): Promise<void> {
  const [id = ''] = args;
  const { output: file } = Options.parse(options);
  const { api } = await context.connect();
  const found = await api.receipt(id);
  if (file !== undefined) {
    const bytes = await api.envelope(id);
    if (digestOf(bytes) !== found.envelopeDigest) throw otherBytes(id, found, digestOf(bytes));
    await writeFile(file, bytes);
  }
  context.output.result({ ...found, ...(file !== undefined && { file }) }, [
    ...receiptLines(found),
    file === undefined
      ? `Keep it: envarium receipt ${id} --output receipt.json`
      : `Written to ${file}. Verify it anywhere: envarium verify --receipt ${file} --key keys.pem`,
  ]);
}

function receiptLines({ id, keyId, rebuild, rerun }: ReceiptDetail): string[] {
  return [
    `Receipt ${id}, signed by ${keyId}`,
    ...(rebuild === null ? [] : claimLines({ kind: 'rebuild', predicate: rebuild })),
    ...(rerun === null ? [] : claimLines({ kind: 'rerun', predicate: rerun })),
  ];
}

function otherBytes(id: string, { envelopeDigest }: Receipt, actual: string): CommandFailed {
  return new CommandFailed({
    exitCode: EXIT.verification,
    code: 'DIGEST_INVALID',
    title: `the envelope of receipt ${id} is not what its digest says`,
    remedy: 'Do not rely on it. Tell the operator of the archive.',
    detail: { expected: envelopeDigest, actual },
  });
}
