/** What the notes of GNU tools say of machines. Null: they do not say. */
export interface GnuNotes {
  /** Oldest Linux, as in `3.2.0`. */
  readonly kernelMinimum: string | null;
  /** Level of the x86-64 psABI, as in `x86-64-v2`. */
  readonly isaLevel: string | null;
}

export interface NoteForm {
  readonly isLittleEndian: boolean;
  readonly is64: boolean;
  readonly architecture: string;
  /** Of the segment. */
  readonly align: number;
}

const NT_GNU_ABI_TAG = 1;
const NT_GNU_PROPERTY_TYPE_0 = 5;
const LINUX = 0;
/** https://gitlab.com/x86-psABIs/x86-64-ABI, "Program Property": bit 0 is the baseline, bit 1 is x86-64-v2, and so on. */
const X86_ISA_1_NEEDED = 0xc0008002;
const HIGHEST_LEVEL = 4;

/** Notes as https://gabi.xinuos.com/elf/07-pheader.html has them, until the first that does not fit. */
export function readGnuNotes(bytes: Buffer, form: NoteForm): GnuNotes {
  const word = wordsOf(bytes, form);
  // Property notes of 64-bit files are aligned to 8, all others to 4 whatever the specification wanted.
  const padding = form.align === 8 ? 8 : 4;
  let [kernelMinimum, isaLevel]: [string | null, string | null] = [null, null];
  for (let at = 0; at + 12 <= bytes.length;) {
    const [nameSize, descriptionSize, type] = [word(at), word(at + 4), word(at + 8)];
    const name = at + 12;
    const description = padded(name + nameSize, padding);
    const end = description + descriptionSize;
    if (end > bytes.length) break;
    if (bytes.toString('latin1', name, name + nameSize) === 'GNU\0') {
      const content = bytes.subarray(description, end);
      if (type === NT_GNU_ABI_TAG) kernelMinimum ??= readAbiTag(content, form);
      if (type === NT_GNU_PROPERTY_TYPE_0) isaLevel ??= readIsaLevel(content, form);
    }
    at = padded(end, padding);
  }
  return { kernelMinimum, isaLevel };
}

/** https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/noteabitag.html */
function readAbiTag(content: Buffer, form: NoteForm): string | null {
  if (content.length < 16) return null;
  const word = wordsOf(content, form);
  const version = [word(4), word(8), word(12)];
  return word(0) === LINUX && version.every((part) => part < 1000) ? version.join('.') : null;
}

function readIsaLevel(content: Buffer, form: NoteForm): string | null {
  if (form.architecture !== 'amd64') return null;
  const word = wordsOf(content, form);
  for (let at = 0; at + 8 <= content.length;) {
    const [type, size] = [word(at), word(at + 4)];
    if (at + 8 + size > content.length) return null;
    if (type === X86_ISA_1_NEEDED && size === 4) return levelOf(word(at + 8));
    at = padded(at + 8 + size, form.is64 ? 8 : 4);
  }
  return null;
}

function levelOf(bits: number): string | null {
  for (let level = HIGHEST_LEVEL; level > 0; level -= 1) if ((bits >>> (level - 1)) & 1) return `x86-64-v${level}`;
  return null;
}

function wordsOf(bytes: Buffer, { isLittleEndian }: NoteForm): (at: number) => number {
  return (at) => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
}

function padded(at: number, padding: number): number {
  return Math.ceil(at / padding) * padding;
}
