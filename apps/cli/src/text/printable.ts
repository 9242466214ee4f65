// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Somebody else's text on a terminal: without what moves the cursor, changes colours or turns the line around. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, '\uFFFD');
}
