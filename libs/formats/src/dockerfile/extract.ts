import type { EnvironmentSpec } from '@envarium/schema';
import { DockerfileParser, type Instruction } from 'dockerfile-ast';
import { FormatError } from '../format.js';
import { limits } from '../limits.js';
import { noteScriptSecrets } from '../script-secrets.js';
import { splitLines } from '../text.js';
import { blankComments } from './comments.js';
import { isDockerfile, mayBeDockerfile } from './detect.js';
import { DockerfileReader } from './reader.js';

/** Far above what people write; the parser needs some seconds for the worst files of this size. */
const MOST_CHARACTERS = 512 * 1024;

export function extract(content: string, path: string): EnvironmentSpec | null {
  if (!mayBeDockerfile(content)) return null;
  const baseName = path.slice(path.lastIndexOf('/') + 1);
  const lines = splitLines(content);
  const longLine = lines.findIndex((line) => line.length > limits.lineCharacters);
  if (content.length > MOST_CHARACTERS || longLine !== -1) {
    if (!/^(?:\s|#.*\n)*(?:ARG|FROM)\s/i.test(content.slice(0, limits.lineCharacters))) return null;
    const message = `A Dockerfile is read up to ${MOST_CHARACTERS} characters and ${limits.lineCharacters} in a line.`;
    throw new FormatError('limit-exceeded', message, longLine === -1 ? null : longLine + 1);
  }
  const dockerfile = DockerfileParser.parse(blankComments(lines));
  const instructions = dockerfile.getInstructions();
  if (!isDockerfile(instructions, baseName)) return null;

  const reader = new DockerfileReader(dockerfile.getEscapeCharacter());
  for (const directive of dockerfile.getDirectives()) reader.readDirective(directive);
  for (const instruction of instructions) reader.readInstruction(instruction);
  const spec = reader.finish();
  noteScriptSecrets(linesWithout(instructions.filter(isReadForSecrets), lines), 1, spec);
  spec.secrets.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return spec;
}

/** The reader looks for secrets itself where it knows names and values. */
function isReadForSecrets(instruction: Instruction): boolean {
  return ['ADD', 'ARG', 'COPY', 'ENV'].includes(instruction.getKeyword());
}

function linesWithout(instructions: readonly Instruction[], lines: readonly string[]): string[] {
  const kept = [...lines];
  for (const instruction of instructions) {
    const { start, end } = instruction.getRange();
    kept.fill('', start.line, end.line + 1);
  }
  return kept;
}
