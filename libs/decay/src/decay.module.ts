import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Outbound } from '@envarium/outbound';
import { RecordsModule } from '@envarium/records';
import { DecayWatchService } from './decay-watch.service.js';
import { PointerProbe } from './pointer-probe.js';
import { PointersService } from './pointers.service.js';

export interface DecayOptions {
  /** Hosts beyond the public Internet. */
  readonly outboundAllow: readonly string[];
  /** Says who asks and where to complain. */
  readonly userAgent: string;
  /** https://www.doi.org/doi-handbook/HTML/resolution.html */
  readonly doiResolver?: string;
}

@Global()
@Module({})
export class DecayModule implements OnApplicationShutdown {
  constructor(@Inject(Outbound) private readonly outbound: Outbound) {}

  static forRoot({ outboundAllow, userAgent, doiResolver = 'https://doi.org/' }: DecayOptions): DynamicModule {
    const outbound = new Outbound({ allow: outboundAllow, userAgent });
    return {
      module: DecayModule,
      imports: [RecordsModule],
      providers: [
        { provide: Outbound, useValue: outbound },
        { provide: PointerProbe, useFactory: () => new PointerProbe(outbound, new URL(doiResolver)) },
        DecayWatchService,
        PointersService,
      ],
      exports: [DecayWatchService, PointersService],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.outbound.close();
  }
}
