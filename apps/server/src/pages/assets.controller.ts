import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Requires } from '../http/permission.js';
import { STYLESHEET, STYLESHEET_VERSION } from './stylesheet.js';

@ApiExcludeController()
@Controller('assets')
@Requires('public')
export class AssetsController {
  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('X-Content-Type-Options', 'nosniff')
  stylesheet(@Query('v') version: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): string {
    // A page of another release asks for another version: it gets this one, but must not keep it under that name.
    const isOurs = version === STYLESHEET_VERSION;
    void reply.header('Cache-Control', isOurs ? 'public, max-age=31536000, immutable' : 'no-cache');
    return STYLESHEET;
  }
}
