import { ProvenanceModule } from '@envarium/provenance';
import { Module } from '@nestjs/common';
import { KeysController } from './keys.controller.js';
import { ProvenanceController } from './provenance.controller.js';
import { ReceiptsController } from './receipts.controller.js';

@Module({ imports: [ProvenanceModule], controllers: [KeysController, ProvenanceController, ReceiptsController] })
export class ProvenanceApiModule {}
