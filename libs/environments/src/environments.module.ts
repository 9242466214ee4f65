import { Module } from '@nestjs/common';
import { EnvironmentsService } from './environments.service.js';

@Module({ providers: [EnvironmentsService], exports: [EnvironmentsService] })
export class EnvironmentsModule {}
