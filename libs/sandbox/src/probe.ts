import type { Engine } from './engine.js';
import type { Executor, ExecutorProbe } from './executor.js';

export async function probeEngine(executor: Executor, engine: Engine, scratch: string): Promise<ExecutorProbe> {
  void executor;
  void engine;
  void scratch;
  throw new Error('later');
}
