import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { InfoController } from './info.controller.js';
import { SchemasController } from './schemas.controller.js';

@Module({ controllers: [HealthController, InfoController, SchemasController] })
export class OperationsModule {}
