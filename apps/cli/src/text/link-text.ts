import type { HashedFile, OutputLink } from '@envarium/schema';
import { fields } from './table.js';
import { day, environmentText, hardwareText, pullLines, versionName } from './version-text.js';

/** A claim that an output came out of a version, with everything needed to act on it. */
export function linkLines({
  article,
  output,
  run,
  version,
  status,
  assertedBy,
  assertedRole,
  assertedAt,
  pull,
}: OutputLink): string[] {
  const scope = output.scope === 'main' ? '' : ` (${output.scope})`;
  const published = version.publishedAt === null ? version.state : `${version.state} ${day(version.publishedAt)}`;
  return [
    `${output.label}${scope} of ${article.title ?? 'the article'} ${article.url}`,
    ...fields([
      ['record', [`${versionName(version)} (${version.recordId}), ${published}`, version.title]],
      ['identity', version.recordDigest],
      ['said by', `${assertedBy} as ${assertedRole}, ${day(assertedAt)}, ${status}`],
      ['command', run.command],
      ['read', run.inputs.map(fileText)],
      ['made', run.files.map(fileText)],
      ['environment', environmentText(version.environment)],
      ['hardware', hardwareText(version.hardware)],
      ['image', version.imageDigest ?? 'none'],
      ['get it', pull === null ? null : pullLines(pull)],
    ]),
  ];
}

function fileText({ name, digest }: HashedFile): string {
  return `${name}  ${digest}`;
}
