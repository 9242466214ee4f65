import type { Principal } from '@envarium/access';
import { JobFollowService } from '@envarium/jobs';
import type { JobLogLine } from '@envarium/schema';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Caller } from '../http/caller.js';
import { Requires } from '../http/permission.js';
import { sendBody, writeHead } from '../http/raw-body.js';
import { EVENT_STREAM_HEADERS, eventStream } from './event-stream.js';
import { Followers } from './followers.js';

const Seq = z.coerce.number().int().min(0).max(2_147_483_647);
const LogQuery = z.object({
  after: Seq.default(0).describe('go on after the line of this number'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('lines at most; default: all that there are'),
});
type LogQuery = z.infer<typeof LogQuery>;
const EventsQuery = LogQuery.pick({ after: true });
type EventsQuery = z.infer<typeof EventsQuery>;

/** Then the client comes again, with Last-Event-ID, and shows its token anew: it may have been revoked. */
const MAX_FOLLOW_MS = 60 * 60 * 1000;
const CHUNK_LINES = 500;
const GUARDED = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

/** Logs of jobs, and jobs as they go on. */
@ApiTags('jobs')
@ApiBearerAuth()
@Controller('api/v1/jobs/:id')
@Requires('public')
export class JobStreamsController {
  constructor(
    private readonly follows: JobFollowService,
    private readonly followers: Followers,
  ) {}

  @Get('log')
  @Requires('account')
  @ApiOperation({ summary: 'The log as JSON lines, or as text (members of the namespace)' })
  @ApiProduces('application/jsonl', 'text/plain')
  @ApiOkResponse({ description: 'one JobLogLine a line; with Accept: text/plain the texts alone' })
  async log(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query({ schema: LogQuery }) { after, limit = Infinity }: LogQuery,
    @Req() { method, headers }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lines = await this.follows.openLog(caller, id, after);
    const isText = headers.accept?.includes('text/plain') === true;
    const type = isText ? 'text/plain' : 'application/jsonl';
    reply.headers({ 'content-type': `${type}; charset=utf-8`, ...GUARDED });
    if (method === 'HEAD') return void writeHead(reply, 200).end();
    const write = ({ text }: JobLogLine): string => text;
    await sendBody(writeHead(reply, 200), chunks(lines, limit, isText ? write : JSON.stringify));
  }

  @Get('events')
  @ApiOperation({
    summary: 'The job as it goes on, as server-sent events: job, line (members of the namespace), end',
    description: 'Ids are numbers of lines: Last-Event-ID, or `after`, resumes.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'events until the job has ended' })
  async events(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query({ schema: EventsQuery }) { after }: EventsQuery,
    @Req() { method, headers }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const leave = this.followers.enter(caller);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      const signal = AbortSignal.any([gone.signal, this.followers.stopped, AbortSignal.timeout(MAX_FOLLOW_MS)]);
      const seen = Seq.catch(after).parse(headers['last-event-id']);
      const events = await this.follows.follow(caller, id, seen, signal);
      reply.headers(EVENT_STREAM_HEADERS);
      if (method === 'HEAD') return void writeHead(reply, 200).end();
      await sendBody(writeHead(reply, 200), encoded(eventStream(events)));
    } finally {
      gone.abort();
      leave();
    }
  }
}

async function* chunks(
  lines: AsyncIterable<JobLogLine>,
  limit: number,
  write: (line: JobLogLine) => string,
): AsyncGenerator<Uint8Array> {
  let waiting: string[] = [];
  let count = 0;
  for await (const line of lines) {
    waiting.push(`${write(line)}\n`);
    count += 1;
    if (count >= limit) break;
    if (waiting.length < CHUNK_LINES) continue;
    yield Buffer.from(waiting.join(''));
    waiting = [];
  }
  yield Buffer.from(waiting.join(''));
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}
