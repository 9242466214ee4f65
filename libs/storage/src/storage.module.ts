import { type DynamicModule, Global, Module } from '@nestjs/common';
import { SECOND_STORE, STORE, type SecondStore, type Store } from './store.js';

@Global()
@Module({})
export class StorageModule {
  static forRoot(store: Store, second: SecondStore | null = null): DynamicModule {
    const providers = [
      { provide: STORE, useValue: store },
      { provide: SECOND_STORE, useValue: second },
    ];
    return { module: StorageModule, providers, exports: [STORE, SECOND_STORE] };
  }
}
