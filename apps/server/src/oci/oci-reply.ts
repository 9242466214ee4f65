import type { FastifyReply } from 'fastify';

/**
 * Sends JSON under exactly this media type. Fastify adds a charset to strings, and clients compare the type as text.
 */
export async function sendJson(reply: FastifyReply, value: unknown, mediaType = 'application/json'): Promise<void> {
  await reply.header('content-type', mediaType).send(Buffer.from(JSON.stringify(value)));
}

/** An answer that is all headers; clients want its length told. */
export async function sendEmpty(reply: FastifyReply, status: number): Promise<void> {
  reply.code(status);
  if (status !== 204 && status !== 304) reply.header('content-length', 0);
  await reply.send();
}

/** RFC 8288, for the page after this one. */
export function setNextLink(reply: FastifyReply, path: string, query: Readonly<Record<string, string>>): void {
  reply.header('link', `<${path}?${new URLSearchParams(query).toString()}>; rel="next"`);
}
