import type { PackageFile, RecordVersion } from '@envarium/schema';
import type { VNode } from 'preact';
import { packageFileApiPath } from './page-paths.js';
import { count, Digest, Foreign, readableSize } from './readable.js';

interface PackageFilesProps {
  readonly version: RecordVersion;
  readonly files: readonly PackageFile[];
}

export function PackageFilesSection({ version, files }: PackageFilesProps): VNode {
  return (
    <section aria-labelledby="files">
      <h2 id="files">Package files</h2>
      {files.length === 0 ? (
        <p>None was deposited.</p>
      ) : (
        <div class="scroll" role="region" aria-label="Package files" tabIndex={0}>
          <table>
            <caption>Kept byte for byte as deposited</caption>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col">Understood</th>
                <th scope="col">Digest</th>
              </tr>
            </thead>
            <tbody>
              {files.map((file) => (
                <tr key={file.path}>
                  <td>
                    <a href={packageFileApiPath(version, file.path)}>
                      <Foreign text={file.path} />
                    </a>
                  </td>
                  <td class="number">{readableSize(file.size)}</td>
                  <td>
                    <Understood file={file} />
                  </td>
                  <td>
                    <Digest value={file.digest} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Understood({ file }: { file: PackageFile }): VNode {
  const line = file.line === null ? '' : ` (line ${file.line})`;
  return (
    <>
      {file.format === null ? <span class="soft">not read</span> : <code>{file.format}</code>}
      {file.packageCount > 0 && <>, {count(file.packageCount, 'package')}</>}
      {file.message !== null && (
        <div class="warn">
          <Foreign text={file.message} />
          {line}
        </div>
      )}
      {file.secretCount > 0 && (
        <div class="warn">{count(file.secretCount, 'place')} that looked like a secret when it was published</div>
      )}
    </>
  );
}
