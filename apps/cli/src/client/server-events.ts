/** One event of a stream of server-sent events. */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** More than any event of ours; a stream without an end of line must not fill the memory. */
const MAX_EVENT_LENGTH = 8 * 1024 * 1024;

/**
 * Takes a stream apart as https://html.spec.whatwg.org/multipage/server-sent-events.html says, as far as our server uses it:
 * comments and fields of other names are passed over, and what is not complete at the end is no event.
 */
export async function* serverEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const event = parseEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== null) yield event;
    }
    if (text.length > MAX_EVENT_LENGTH) return;
  }
}

function parseEvent(text: string): ServerEvent | null {
  let event = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const { name, value = '' } = /^(?<name>[^:]+)(?:: ?(?<value>.*))?$/.exec(line)?.groups ?? {};
    if (name === 'event') event = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 ? null : { event, id, data: data.join('\n') };
}
