import type { JobEvent } from '@envarium/jobs';
import type { Job } from '@envarium/schema';
import { describe, expect, it } from 'vitest';
import { eventStream } from './event-stream.js';

const job = (state: Job['state']): JobEvent => ({ type: 'job', job: { id: '1', state } as Job });
const line = (seq: number, text: string): JobEvent => ({
  type: 'line',
  line: { seq, at: '2026-01-31T12:00:00.000Z', stream: 'stdout', text },
});

describe('server/jobs/event-stream', () => {
  it('writes one event each, with ids for lines alone', async () => {
    const chunks: string[] = [];
    async function* events() {
      yield job('running');
      yield line(7, 'two\nlines');
      yield job('ended');
    }

    for await (const chunk of eventStream(events())) chunks.push(chunk);

    expect(chunks).toEqual([
      'retry: 2000\n\n',
      'event: job\ndata: {"id":"1","state":"running"}\n\n',
      'id: 7\nevent: line\ndata: {"seq":7,"at":"2026-01-31T12:00:00.000Z","stream":"stdout","text":"two\\nlines"}\n\n',
      'event: end\ndata: {"id":"1","state":"ended"}\n\n',
    ]);
  });

  it('says that it is still there while nothing happens, and loses nothing that comes then', async () => {
    let happen: () => void = () => {};
    async function* events() {
      await new Promise<void>((resolve) => {
        happen = resolve;
      });
      yield job('ended');
    }
    const chunks: string[] = [];

    for await (const chunk of eventStream(events(), 5)) {
      chunks.push(chunk);
      if (chunks.length === 3) happen();
    }

    expect(chunks.slice(0, 3)).toEqual(['retry: 2000\n\n', ': still here\n\n', ': still here\n\n']);
    expect(chunks.at(-1)).toMatch(/^event: end/);
  });
});
