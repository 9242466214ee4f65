import { describe, expect, it } from 'vitest';
import { presentExport } from './export.presenter.js';

const present = (bytes: Buffer, query = {}) =>
  presentExport(
    { bytes, mediaType: 'text/plain', fileName: 'lab-eeg-v1.requirements.txt' },
    { reference: 'env-3k7q-9w2x@v1', format: 'pip', query },
  );

describe('records/export.presenter', () => {
  it('says where REST gives the same bytes, asked the same', () => {
    expect(present(Buffer.from('a\n'), { file: 'a b.txt', platform: undefined })).toEqual({
      format: 'pip',
      mediaType: 'text/plain',
      fileName: 'lab-eeg-v1.requirements.txt',
      digest: 'sha256:87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7',
      size: 2,
      path: '/api/v1/versions/env-3k7q-9w2x%40v1/export/pip?file=a+b.txt',
      content: 'a\n',
    });
  });

  it('leaves out the content of a document that is too long to stand among others', () => {
    expect(present(Buffer.alloc(1024 * 1024, 'a')).content).toHaveLength(1024 * 1024);
    expect(present(Buffer.alloc(1024 * 1024 + 1, 'a'))).toMatchObject({ size: 1_048_577, content: null });
  });
});
