/** Parser directives that BuildKit knows, https://docs.docker.com/reference/dockerfile/#parser-directives */
const DIRECTIVE = /^[ \t]*#[ \t]*(?:syntax|escape|check)[ \t]*=/i;
const COMMENT = /^[ \t]*#/;

/**
 * Empties comment lines and keeps their line breaks. dockerfile-ast sorts comments into build stages in quadratic time,
 * and takes `# any = thing` in the first lines for a directive. Lines of heredocs may be emptied too; they are not read.
 */
export function blankComments(lines: readonly string[]): string {
  let mayBeDirective = true;
  const kept = lines.map((line) => {
    mayBeDirective = mayBeDirective && DIRECTIVE.test(line);
    return !mayBeDirective && COMMENT.test(line) ? '' : line;
  });
  return kept.join('\n');
}
