import { describe, expect, it } from 'vitest';
import { type ServerEvent, serverEvents } from './server-events.js';

async function parsed(...chunks: string[]): Promise<ServerEvent[]> {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
  }
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(bytes())) events.push(event);
  return events;
}

describe('cli/client/server-events', () => {
  it('reads events, whatever the chunks are', async () => {
    const utf8 = Buffer.from('é').toString('latin1');

    expect(
      await parsed('retry: 2\n', '\nid: 7\nevent: line\nda', `ta: "${utf8[0]}`, `${utf8[1]}"\n\ndata:x\n\n`),
    ).toEqual([
      { event: 'line', id: '7', data: '"é"' },
      { event: 'message', id: null, data: 'x' },
    ]);
  });

  it('passes over comments, and what is not complete', async () => {
    expect(await parsed(': still here\n\n', 'data: a\ndata: b\n\n', 'data: lost')).toEqual([
      { event: 'message', id: null, data: 'a\nb' },
    ]);
  });
});
