import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { limitHit } from './counters.js';
import { isFull, isTooLittle } from './disk.js';
import type { CellEvent, CellLimit, CellPlan } from './plan.js';

/** Looks at what is used, in the control groups of containers that run and in the notes about those that are gone. */
export class LimitWatch {
  private readonly told = new Set<CellLimit>();
  private notesRead = 0;

  constructor(
    private readonly counters: CellPlan['counters'],
    private readonly disk: string,
    private readonly notes: string,
    private readonly tell: (event: CellEvent) => void,
  ) {}

  look(): void {
    if (isFull(this.disk)) this.hit('disk');
    for (const file of this.counterFiles()) this.hit(limitHit(file, readIfThere(file)));
    const lines = readIfThere(this.notes).split('\n');
    // The last one may still be being written.
    for (; this.notesRead < lines.length - 1; this.notesRead += 1) this.read(lines[this.notesRead] ?? '');
  }

  private read(note: string): void {
    const [kind, subject = '', ...words] = note.split(' ');
    if (kind === 'counter') this.hit(limitHit(subject, words.join(' ')));
    if (kind === 'disk' && isTooLittle(Number(subject) * Number(words[0]))) this.hit('disk');
    if (kind === 'note') this.tell({ kind: 'note', text: [subject, ...words].join(' ') });
  }

  private hit(name: CellLimit | null): void {
    if (name === null || this.told.has(name)) return;
    this.told.add(name);
    this.tell({ kind: 'limit', name });
  }

  private counterFiles(): string[] {
    const below = (directory: string | null, names: readonly string[]): string[] =>
      directory === null
        ? []
        : [directory, ...childrenOf(directory)].flatMap((group) => names.map((name) => path.join(group, name)));
    return [
      ...below(this.counters.memory, ['memory.oom_control', 'memory.events']),
      ...below(this.counters.processes, ['pids.events']),
    ];
  }
}

function childrenOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(directory, entry.name));
  } catch {
    return [];
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
