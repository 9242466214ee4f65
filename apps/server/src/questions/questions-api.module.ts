import { QuestionsModule } from '@envarium/questions';
import { Module } from '@nestjs/common';
import { QuestionsController } from './questions.controller.js';

@Module({ imports: [QuestionsModule], controllers: [QuestionsController] })
export class QuestionsApiModule {}
