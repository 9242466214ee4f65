import { ANONYMOUS } from '@envarium/access';
import { ReceiptsArchiveService } from '@envarium/provenance';
import { RecordsService } from '@envarium/records';
import type { Receipt } from '@envarium/schema';
import {
  archiveSampleProvenance,
  type SampleProvenance,
  sampleRerun,
  type SampleVersion,
  subjectOf,
} from '@envarium/testing';
import { pushImage, type TestServer } from './server-harness.js';

export interface ProvenSample extends SampleProvenance {
  readonly version: SampleVersion;
  readonly recordId: string;
  readonly runId: string;
  readonly rerun: Receipt;
}

/** A published version with an image, a linked figure, a rehearsed closure and a repeated run: `lab/eeg@v1`. */
export async function publishProven(server: TestServer): Promise<ProvenSample> {
  const author = await server.account('ada', { lab: 'owner' });
  await pushImage(author, 'lab/eeg', 'work');
  await author.publish('lab/eeg', { 'requirements.txt': 'numpy==1.26.4\nscipy\n' }, { title: 'EEG', image: 'work' });
  const link = await author
    .post('versions/lab%2Feeg@v1/links', {
      article: '10.5555/proof.1',
      output: 'Figure 3',
      command: 'python fig3.py',
      files: [{ name: 'fig3.svg', digest: `sha256:${'f3'.repeat(32)}`, size: 10 }],
    })
    .expect(201);
  const runId = (link.body as { run: { id: string } }).run.id;
  const resolver = await server.resolver();
  const row = await resolver.get(RecordsService, { strict: false }).requireVersion(ANONYMOUS, 'lab/eeg@v1');
  const version = { ...row, recordDigest: row.recordDigest ?? '' };
  const sample = await archiveSampleProvenance(resolver, version);
  const rerun = await resolver.get(ReceiptsArchiveService, { strict: false }).archiveReceipt({
    kind: 'rerun',
    version,
    predicate: sampleRerun(version, runId),
    subject: await subjectOf(resolver, version),
    log: null,
    isProof: true,
    summary: 'The same outputs, within the tolerance.',
    actor: 'ada',
  });
  return { ...sample, version, recordId: version.record.publicId, runId, rerun };
}
