import type { EnvironmentSpec, SkipReason, SpecPackage } from '@envarium/schema';
import { FormatError } from '../format.js';
import { jsonEvidence, type JsonEvidence } from '../json-evidence.js';
import { limits } from '../limits.js';
import { parseIntegrity } from '../package-lock/integrity.js';
import { ProblemLog } from '../problem-log.js';
import { redactUrl } from '../redact.js';
import { emptySpec, specPackage } from '../spec.js';
import { parseJson } from '../text.js';
import { missingInputs } from './inputs.js';
import { referencePurl, writeReference } from './reference.js';
import { FlakeLock, Node, type Reference } from './schema.js';

const NEWEST = 7;
const OLDEST = 4;

export function extract(content: string): EnvironmentSpec | null {
  if (!/^\s*\{/.test(content) || !content.includes('"nodes"') || !content.includes('"root"')) return null;
  const lock = FlakeLock.safeParse(parseJson(content));
  if (!lock.success) return null;
  const names = Object.keys(lock.data.nodes);
  if (names.length > limits.packages) {
    throw new FormatError('limit-exceeded', `A lock file is read up to ${limits.packages} nodes.`);
  }
  if (!names.some((name) => looksLikeNode(lock.data.nodes[name])) || !names.includes(lock.data.root)) return null;

  const spec = emptySpec('flake-lock', 'language');
  const evidence = jsonEvidence(content, 2);
  const problems = new ProblemLog();
  for (const problem of evidence.problems) problems.add(problem);
  const { version } = lock.data;
  if (version < OLDEST || version > NEWEST) {
    const message = `Version ${version} of flake.lock is not known; read like version ${NEWEST}.`;
    problems.add({ reason: 'unsupported-option', message, line: evidence.lineOf('version') });
  }
  readNodes(lock.data, spec, evidence, problems);
  spec.problems = problems.toProblems();
  return spec;
}

function looksLikeNode(value: unknown): boolean {
  const node = Node.safeParse(value).data;
  return node !== undefined && (node.locked !== undefined || node.inputs !== undefined);
}

function readNodes(lock: FlakeLock, spec: EnvironmentSpec, evidence: JsonEvidence, problems: ProblemLog): void {
  for (const [name, value] of Object.entries(lock.nodes)) {
    const line = evidence.lineOf('nodes', name);
    const node = Node.safeParse(value).data;
    if (node === undefined) {
      problems.add({ reason: 'syntax-invalid', message: `Node ${shown(name)} is no JSON object.`, line });
      continue;
    }
    for (const input of missingInputs(lock, node)) {
      const message = `The input ${shown(input)} of ${shown(name)} leads to no node.`;
      problems.add({ reason: 'references-file', message, line });
    }
    if (name === lock.root) continue;
    const source = redactUrl(node.locked === undefined ? '' : (writeReference(node.locked) ?? ''));
    const asked = redactUrl(node.original === undefined ? '' : (writeReference(node.original) ?? ''));
    if (source.hadCredentials || asked.hadCredentials) spec.secrets.push({ kind: 'url-credentials', line });
    spec.packages.push({ ...toPackage(name, node, source.url, asked.url), line });
  }
}

function toPackage(name: string, { locked }: Node, source: string, asked: string): SpecPackage {
  return specPackage({
    ecosystem: locked?.type === 'github' ? 'github' : 'generic',
    name,
    version: locked?.rev ?? null,
    specifier: asked === '' ? null : asked,
    standing: 'locked',
    purl: locked === undefined ? null : referencePurl(locked),
    hashes: narHashes(locked?.narHash),
    source: source === '' ? null : source,
    skipReason: doubtOf(locked),
  });
}

/** A NAR is an archive that Nix makes of the source tree: its digest is that of no file that can be obtained. */
function narHashes(narHash: string | undefined): string[] {
  return narHash === undefined ? [] : parseIntegrity(narHash).hashes.map((hash) => `nar-${hash}`);
}

function doubtOf(locked: Reference | undefined): SkipReason | null {
  if (locked === undefined) return 'no-version';
  if (locked.type === 'path') return 'local-path';
  if (locked.rev !== undefined) return null;
  return locked.narHash === undefined ? 'no-version' : 'url-source';
}

function shown(text: string): string {
  return text.slice(0, 80);
}
