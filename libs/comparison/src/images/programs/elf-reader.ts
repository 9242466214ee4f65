import {
  ELF_HEADER_SIZE,
  type ElfHeader,
  PT_GNU_PROPERTY,
  PT_NOTE,
  readElfHeader,
  readElfSegments,
} from './elf-layout.js';
import { type GnuNotes, readGnuNotes } from './gnu-notes.js';
import { PassingBytes } from './passing-bytes.js';

/** What a program says of the machines that it runs on. */
export interface ElfFacts extends GnuNotes {
  readonly architecture: string;
}

/** Where linkers put the table of segments and the notes; tools that edit programs move them to the end. */
const HEAD_SIZE = 8 * 1024;
const MAX_KEPT = 256 * 1024;
const MAX_NOTE_SEGMENTS = 16;

/** Reads the notes of a program while it passes by: the head, and the little that the head names. */
export class ElfReader {
  readonly #bytes = new PassingBytes(MAX_KEPT);
  /** Null: no ELF file, as far as is known. */
  #header: ElfHeader | null = null;
  #notes: { readonly offset: number; readonly size: number; readonly align: number }[] | null = null;
  #isDone = false;

  constructor() {
    this.#bytes.keep(0, HEAD_SIZE);
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    if (!this.#isDone) this.#advance();
  }

  /** @returns null: it is no program that an image could run */
  read(): ElfFacts | null {
    if (this.#header === null) return null;
    const { architecture, is64, isLittleEndian } = this.#header;
    let notes: GnuNotes = { kernelMinimum: null, isaLevel: null };
    for (const { offset, size, align } of this.#notes ?? []) {
      const bytes = this.#bytes.read(offset, size);
      if (bytes === null) continue;
      const found = readGnuNotes(bytes, { is64, isLittleEndian, architecture, align });
      notes = {
        kernelMinimum: notes.kernelMinimum ?? found.kernelMinimum,
        isaLevel: notes.isaLevel ?? found.isaLevel,
      };
    }
    return { architecture, ...notes };
  }

  /** From the header to the table of segments, and from there to the notes, as soon as each has come. */
  #advance(): void {
    if (this.#header === null) {
      const bytes = this.#bytes.read(0, ELF_HEADER_SIZE);
      if (bytes === null) return;
      this.#header = readElfHeader(bytes);
      if (this.#header === null) {
        this.#isDone = true;
        return;
      }
      const { offset, entrySize, count } = this.#header.segmentTable;
      this.#isDone = !this.#bytes.keep(offset, entrySize * count);
    }
    const { offset, entrySize, count } = this.#header.segmentTable;
    const table = this.#bytes.read(offset, entrySize * count);
    if (table === null) return;
    this.#notes = readElfSegments(this.#header, table)
      .filter(({ type }) => type === PT_NOTE || type === PT_GNU_PROPERTY)
      .slice(0, MAX_NOTE_SEGMENTS)
      .filter((note) => this.#bytes.keep(note.offset, note.size));
    this.#isDone = true;
  }
}
