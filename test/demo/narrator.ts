/** Tells the story on standard output: what is done, what came out, how long it took. */
export class Narrator {
  private readonly begin = Date.now();
  private stepBegin = 0;
  private number = 0;
  private readonly comparisons: { readonly what: string; readonly isEqual: boolean }[] = [];

  constructor(private readonly stream: NodeJS.WritableStream) {}

  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.number += 1;
    this.stepBegin = Date.now();
    this.write(`\n${this.number}. ${title}`);
    const result = await work();
    this.write(`   (${seconds(Date.now() - this.stepBegin)})`);
    return result;
  }

  say(text: string): void {
    for (const line of text.split('\n')) this.write(`   ${line}`);
  }

  /** Everything that the demonstration claims goes through here. */
  compare(what: string, expected: unknown, actual: unknown): void {
    const isEqual = expected === actual;
    this.comparisons.push({ what, isEqual });
    this.say(
      isEqual ? `equal: ${what}` : `DIFFERENT: ${what}\n  expected ${String(expected)}\n  actual   ${String(actual)}`,
    );
  }

  /** @returns true only when something was compared and all of it was equal */
  conclude(): boolean {
    const failed = this.comparisons.filter(({ isEqual }) => !isEqual);
    const isProven = failed.length === 0 && this.comparisons.length > 0;
    const verdict = isProven
      ? `All ${this.comparisons.length} comparisons held.`
      : `${failed.length} of ${this.comparisons.length} comparisons did not hold: ${failed.map(({ what }) => what).join('; ')}`;
    this.write(`\n${verdict} ${seconds(Date.now() - this.begin)} in all.`);
    return isProven;
  }

  private write(text: string): void {
    this.stream.write(`${text}\n`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
