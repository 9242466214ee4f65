import { z } from 'zod';
import { Node, type FlakeLock } from './schema.js';

/** The name of a node, or a path of inputs from the root that this input follows. */
const Input = z.union([z.string(), z.array(z.string())]);
/** Inputs that follow inputs that follow inputs: further than any lock file goes, and no circle is without end. */
const MOST_STEPS = 100;

/** Inputs of a node that lead nowhere. */
export function missingInputs(lock: FlakeLock, node: Node): string[] {
  const missing: string[] = [];
  for (const [name, value] of Object.entries(node.inputs ?? {})) {
    const input = Input.safeParse(value).data;
    // An empty path is the root itself.
    if (input === undefined || follow(lock, input) === null) missing.push(name);
  }
  return missing;
}

function follow(lock: FlakeLock, input: string | readonly string[]): Node | null {
  let steps = 0;
  const pending = typeof input === 'string' ? [] : input.toReversed();
  let node = nodeOf(lock, typeof input === 'string' ? input : lock.root);
  while (node !== null && pending.length > 0) {
    steps += 1;
    if (steps > MOST_STEPS) return null;
    const next = Input.safeParse(node.inputs?.[pending.pop() ?? '']).data;
    if (next === undefined) return null;
    if (typeof next === 'string') node = nodeOf(lock, next);
    else {
      pending.push(...next.toReversed());
      if (pending.length > MOST_STEPS) return null;
      node = nodeOf(lock, lock.root);
    }
  }
  return node;
}

function nodeOf(lock: FlakeLock, name: string): Node | null {
  return Object.hasOwn(lock.nodes, name) ? (Node.safeParse(lock.nodes[name]).data ?? null) : null;
}
