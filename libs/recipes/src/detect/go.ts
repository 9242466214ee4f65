import { splitLines } from '@envarium/formats';
import type { PlanBuilder } from './plan-builder.js';
import { recipeInvalid } from '../refusal.js';

const MOST_SOURCE_BYTES = 1024 * 1024;

/** https://go.dev/ref/mod#go-mod-file; every version is exact there, and go.sum has the hashes. */
export function addGo(builder: PlanBuilder): void {
  const { tree, log, steps } = builder;
  const file = 'go.mod';
  if (!tree.has(file)) return;
  builder.use('go');
  let hasModule = false;
  let isLocal = false;
  let requires = 0;
  for (const [index, text] of splitLines(tree.text(file)).entries()) {
    const [content = ''] = text.split('//');
    const [word = '', rest = ''] = content.trim().split(/\s+/, 2);
    if (word === 'module') hasModule = rest !== '';
    if (word === 'go') checkGo(builder, rest, file, index + 1);
    if (/=>\s*(?:\.{1,2}\/|\/)/.test(content)) isLocal = true;
    if (/\sv\d+\.\d+\.\d+/.test(content)) requires += 1;
  }
  if (!hasModule) throw recipeInvalid(file, null, 'The file names no module.');
  if (!tree.has('go.sum') && requires > 0)
    log.add('hash-missing', 'There is no go.sum with the hashes of the modules.', file);
  const files = tree.has('go.sum') ? [file, 'go.sum'] : [file];
  steps.push({ kind: 'go', files, hasMain: hasMain(builder), needsSource: isLocal });
}

function checkGo(builder: PlanBuilder, version: string, file: string, line: number): void {
  if (!/^\d+\.\d+/.test(version)) throw recipeInvalid(file, line, 'The version of Go is not valid.');
  builder.checkRuntime('go', `>=${/^\d+\.\d+/.exec(version)?.[0] ?? ''}`, { file, line });
}

/** Only a package main gives a program. */
function hasMain({ tree }: PlanBuilder): boolean {
  return tree.files.some(({ path, bytes }) => {
    if (!path.endsWith('.go') || path.endsWith('_test.go') || bytes.byteLength > MOST_SOURCE_BYTES) return false;
    return /^package main[ \t]*(?:\/\/.*)?\r?$/m.test(new TextDecoder().decode(bytes));
  });
}
