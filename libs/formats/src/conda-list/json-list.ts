import type { EnvironmentSpec } from '@envarium/schema';
import { z } from 'zod';
import { isSubdir } from '../conda-environment/match-spec.js';
import { FormatError } from '../format.js';
import { jsonEvidence } from '../json-evidence.js';
import { limits } from '../limits.js';
import { redactUrl } from '../redact.js';
import { emptySpec } from '../spec.js';
import { parseJson } from '../text.js';
import { addInstalled, type InstalledPackage } from './installed.js';

const Text = z.string().max(limits.repeatedCharacters);
const Optional = Text.optional().catch(undefined);

const CondaPackage = z.object({
  name: Text,
  version: Text,
  build_string: Text,
  channel: Optional,
  base_url: Optional,
  platform: Optional,
  /** Since conda 25. */
  url: z.string().optional().catch(undefined),
  md5: Optional,
  sha256: Optional,
});
type CondaPackage = z.infer<typeof CondaPackage>;

/** Of the members of an entry, those that no other list has. */
const MARKS = ['"build_string"', '"dist_name"'];

/** Reads the array of `conda list --json`, and of mamba. */
export function readJsonList(content: string): EnvironmentSpec | null {
  const [mayBe = false, isLikely = false] = MARKS.map((mark) => content.includes(mark));
  const entries = mayBe ? parseList(content, isLikely) : null;
  if (entries === null || !entries.some((entry) => CondaPackage.safeParse(entry).success)) return null;
  if (entries.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A list is read up to ${limits.packages} packages.`);
  }
  const spec = emptySpec('conda-list', 'language');
  const evidence = jsonEvidence(content, 2);
  spec.problems.push(...evidence.problems);
  for (const [index, entry] of entries.entries()) {
    const line = evidence.lineOf(index);
    const { data } = CondaPackage.safeParse(entry);
    if (data !== undefined && addInstalled({ ...presentEntry(data), line }, spec)) noteSecret(data, line, spec);
    else spec.problems.push({ reason: 'syntax-invalid', message: 'The entry names no installed package.', line });
  }
  return spec;
}

function parseList(content: string, isCertain: boolean): readonly unknown[] | null {
  try {
    const list = parseJson(content);
    return Array.isArray(list) ? list : null;
  } catch (error) {
    if (error instanceof FormatError && !isCertain) return null;
    throw error;
  }
}

function presentEntry(entry: CondaPackage): Omit<InstalledPackage, 'line'> {
  const { name, version, build_string: build, channel, platform, md5, sha256 } = entry;
  const isKnown = channel !== undefined && channel !== '' && channel !== '<unknown>';
  return {
    name,
    version,
    build,
    channel: isKnown ? redactUrl(channel).url : null,
    subdir: platform !== undefined && isSubdir(platform) ? platform : null,
    hashes: [
      ...(sha256 !== undefined && /^[0-9a-f]{64}$/i.test(sha256) ? [`sha256:${sha256.toLowerCase()}`] : []),
      ...(md5 !== undefined && /^[0-9a-f]{32}$/i.test(md5) ? [`md5:${md5.toLowerCase()}`] : []),
    ],
  };
}

/** The same secret stands in each address of an entry. */
function noteSecret({ channel, base_url: base, url }: CondaPackage, line: number | null, spec: EnvironmentSpec): void {
  const address = [channel, base, url].find((each) => each !== undefined && redactUrl(each).hadCredentials);
  if (address !== undefined) spec.secrets.push({ kind: address.includes('/t/') ? 'token' : 'url-credentials', line });
}
