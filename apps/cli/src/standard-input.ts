const MAX_LENGTH = 32 * 1024;

/** The first line of a pipe or a file; null where there is none, or where a terminal would show what is typed. */
export async function secretFromStandardInput(): Promise<string | null> {
  if (process.stdin.isTTY) return null;
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > MAX_LENGTH) break;
  }
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return line === '' ? null : line;
}
