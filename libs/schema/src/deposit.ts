import { z } from 'zod';
import { Visibility } from './record.js';
import { fileText, storableText } from './text.js';

const BLOB = /^sha256:[0-9a-f]{64}$/;

/** A file of a deposit: pushed before as a blob of the repository, or, when it is small, sent along. */
export const DepositFile = z
  .object({
    path: z
      .string()
      .min(1)
      .max(1024)
      .describe('path inside the deposit, / separated, relative, without . and .. components'),
    digest: z.string().regex(BLOB).optional().describe('of a blob that was pushed to the repository of the record'),
    text: fileText().max(4_194_304).optional().describe('the content itself, for text files up to 4 MiB'),
    base64: z.base64().max(5_592_408).optional().describe('the content itself, for any file up to 4 MiB'),
  })
  .refine((file) => [file.digest, file.text, file.base64].filter((each) => each !== undefined).length === 1, {
    error: 'exactly one of digest, text and base64 must be given',
  })
  .meta({ id: 'DepositFile' });
export type DepositFile = z.infer<typeof DepositFile>;

export const CreateDeposit = z
  .object({
    repository: z.string().min(3).max(255).describe('OCI repository name of the record, as in lab/eeg'),
    title: storableText().trim().min(1).max(500).optional(),
    description: storableText().trim().max(20_000).optional(),
    visibility: Visibility.optional().describe('only taken when the record is new; default public once published'),
    image: storableText()
      .min(1)
      .max(200)
      .optional()
      .describe('tag or digest of the image in the repository; default: the image of the draft that is replaced'),
    files: z.array(DepositFile).max(2000).default([]),
  })
  .meta({ id: 'CreateDeposit' });
export type CreateDeposit = z.infer<typeof CreateDeposit>;

export const PublishVersion = z
  .object({ acceptSecrets: z.boolean().default(false).describe('publish although something looks like a secret') })
  .meta({ id: 'PublishVersion' })
  // Most publications accept nothing and so need no body.
  .prefault({});
export type PublishVersion = z.infer<typeof PublishVersion>;
