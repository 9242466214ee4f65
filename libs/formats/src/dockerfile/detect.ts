import type { Instruction } from 'dockerfile-ast';

/** https://docs.docker.com/reference/dockerfile/#overview */
const KEYWORDS: ReadonlySet<string> = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

export const FILE_NAME = /^(?:[\w-]+[._-])?(?:Docker|Container)file(?:[._-][\w.-]+)?$/i;

const MAY_BE = /^[ \t]*FROM[ \t]+\S/im;

export function isKnown(instruction: Instruction): boolean {
  return KEYWORDS.has(instruction.getKeyword());
}

/** A cheap test before the parser runs. */
export function mayBeDockerfile(content: string): boolean {
  return MAY_BE.test(content);
}

/**
 * A Dockerfile starts with FROM, after ARGs at most. Other texts start with the word too (`from os import path`), so FROM
 * must have its grammar, and the rest must mostly be instructions.
 */
export function isDockerfile(instructions: readonly Instruction[], baseName: string): boolean {
  const first = instructions.find((instruction) => instruction.getKeyword() !== 'ARG');
  if (first?.getKeyword() !== 'FROM') return FILE_NAME.test(baseName) && instructions.some(isFrom);
  if (FILE_NAME.test(baseName)) return true;
  const words = first.getArguments().map((word) => word.getValue());
  const hasGrammar = words.length === 1 || (words.length === 3 && words[1]?.toUpperCase() === 'AS');
  const known = instructions.filter(isKnown).length;
  // A single line `FROM x` could be anything.
  return hasGrammar && known > instructions.length / 2 && instructions.length > 1;
}

function isFrom(instruction: Instruction): boolean {
  return instruction.getKeyword() === 'FROM';
}
