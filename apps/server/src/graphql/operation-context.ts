import type { Principal } from '@envarium/access';
import DataLoader from 'dataloader';

/** What the resolvers of one operation share. */
export interface OperationContext {
  readonly caller: Principal;
  readonly operationName: string | undefined;
  /** Of a subscription: nobody listens any more. */
  readonly signal?: AbortSignal;
}

declare module 'mercurius' {
  interface MercuriusContext {
    readonly operationName?: string | undefined;
  }
}

/** Keys of one batch: more would make statements of unreasonable size. */
const BATCH = 500;

type Batch<K, A, V> = (caller: Principal, keys: readonly K[], args: A) => Promise<ReadonlyMap<string, V>>;

/**
 * A field of many parents, loaded for all of them at once: one DataLoader for each operation and each set of arguments.
 * Nothing outlives the operation, so no reader sees what was loaded for another.
 */
export class Relation<K, A, V> {
  private readonly loaders = new WeakMap<OperationContext, Map<string, DataLoader<K, V | undefined, string>>>();

  /** @param nameOf the key under which `batch` answers for a parent */
  constructor(
    private readonly nameOf: (key: K) => string,
    private readonly batch: Batch<K, A, V>,
  ) {}

  async load(context: OperationContext, key: K, args: A): Promise<V | undefined> {
    const loaders = this.loaders.get(context) ?? new Map<string, DataLoader<K, V | undefined, string>>();
    this.loaders.set(context, loaders);
    const name = JSON.stringify(args ?? null);
    const loader = loaders.get(name) ?? this.loader(context.caller, args);
    loaders.set(name, loader);
    return await loader.load(key);
  }

  private loader(caller: Principal, args: A): DataLoader<K, V | undefined, string> {
    return new DataLoader<K, V | undefined, string>(
      async (keys) => {
        const values = await this.batch(caller, keys, args);
        return keys.map((key) => values.get(this.nameOf(key)));
      },
      { maxBatchSize: BATCH, cacheKeyFn: this.nameOf },
    );
  }
}
