import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AccountsService } from './accounts.service.js';
import { AuthenticationService, SIGNING_SECRET } from './authentication.service.js';
import { IdempotencyService } from './idempotency.service.js';
import { NamespacesService } from './namespaces.service.js';
import { SealingService } from './sealing.service.js';

@Global()
@Module({})
export class AccessModule {
  static forRoot(options: { signingSecret: string }): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: SIGNING_SECRET, useValue: options.signingSecret },
        AccountsService,
        AuthenticationService,
        IdempotencyService,
        NamespacesService,
        SealingService,
      ],
      exports: [AccountsService, AuthenticationService, IdempotencyService, NamespacesService, SealingService],
    };
  }
}
