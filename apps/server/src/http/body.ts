import { HttpStatus } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** 201 for something new, 200 for what was there before: a repeated request is no error. */
export function setCreated(reply: FastifyReply, isNew: boolean): void {
  void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
}
