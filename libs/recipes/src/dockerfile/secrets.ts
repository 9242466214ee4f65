import { isSecretVariable, redactUrl, secretKindOf } from '@envarium/formats';
import { recipeRefused } from '../refusal.js';
import type { DockerfileText } from './instructions.js';

/** The scheme is bounded: in a long word the search would be quadratic. */
const URL = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'`<>|;]+/gi;

/** A Dockerfile is published with the record: comments and heredocs are looked through too. The value is never repeated. */
export function refuseSecrets(text: string, { instructions }: DockerfileText, file: string): void {
  for (const [index, line] of text.split('\n').entries()) {
    if (secretKindOf(line) !== null) {
      throw recipeRefused(file, index + 1, 'The line holds what looks like a token or a private key.');
    }
  }
  for (const { rest, heredocs, line } of instructions) {
    if ([rest, ...heredocs.map((heredoc) => heredoc.text)].some(hasCredentials)) {
      throw recipeRefused(file, line, 'A URL in the instruction holds credentials.');
    }
  }
}

/** @param value as it is after variables were put in */
export function refuseSecretVariable(name: string, value: string, file: string, line: number): void {
  if (!isSecretVariable(name, value) && secretKindOf(value) === null && !hasCredentials(value)) return;
  throw recipeRefused(file, line, `${name} holds what looks like a secret; it would stay in the image.`);
}

function hasCredentials(text: string): boolean {
  return [...text.matchAll(URL)].some(([url]) => redactUrl(url).hadCredentials);
}
