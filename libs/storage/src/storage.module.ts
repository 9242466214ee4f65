import { type DynamicModule, Global, Module } from '@nestjs/common';
import { STORE, type Store } from './store.js';

@Global()
@Module({})
export class StorageModule {
  static forRoot(store: Store): DynamicModule {
    return { module: StorageModule, providers: [{ provide: STORE, useValue: store }], exports: [STORE] };
  }
}
