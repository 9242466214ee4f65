import { Module } from '@nestjs/common';
import { Followers } from './followers.js';
import { JobStreamsController } from './job-streams.controller.js';
import { JobsController } from './jobs.controller.js';

@Module({
  controllers: [JobStreamsController, JobsController],
  providers: [{ provide: Followers, useFactory: () => new Followers() }],
  exports: [Followers],
})
export class JobsApiModule {}
