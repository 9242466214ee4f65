import dgram from 'node:dgram';
import net from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet';

const NXDOMAIN = 3;
/** What a client may send over TCP before it is ended: one question is a few hundred bytes. */
const MAX_QUESTION = 4096;

/**
 * The answer to one question: every name leads here, to both families of addresses. Other types are empty and not
 * unknown, since a client that asks for SRV or HTTPS first would take "unknown" for the name as a whole.
 * @param hasIpv6 whether `::1` is answered too
 */
export function answerQuestion(message: Buffer, hasIpv6: boolean): Buffer | null {
  let query: Packet;
  try {
    query = decode(message);
  } catch {
    return null;
  }
  const [question] = query.questions ?? [];
  if (query.type !== 'query' || question === undefined) return null;
  const { name, type } = question;
  const isReverse = /(?:^|\.)(?:in-addr|ip6)\.arpa\.?$/i.test(name);
  const answers: Answer[] = [];
  if (!isReverse && type === 'A') answers.push({ type, name, ttl: 60, data: '127.0.0.1' });
  if (!isReverse && type === 'AAAA' && hasIpv6) answers.push({ type, name, ttl: 60, data: '::1' });
  const flags =
    AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | (isReverse ? NXDOMAIN : 0);
  try {
    return encode({ id: query.id ?? 0, type: 'response', flags, questions: [question], answers });
  } catch {
    return null;
  }
}

/** Answers over UDP and TCP on port 53 of one address; resolves when both listen. */
export async function serveNames(address: string, port: number, hasIpv6: boolean): Promise<void> {
  const datagrams = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  datagrams.on('message', (message, peer) => {
    const answer = answerQuestion(message, hasIpv6);
    // The client may be gone: then nobody misses the answer.
    if (answer !== null) datagrams.send(answer, peer.port, peer.address, () => {});
  });
  await new Promise<void>((resolve, reject) => {
    datagrams.once('error', reject);
    datagrams.bind(port, address, () => {
      datagrams.off('error', reject);
      datagrams.on('error', () => {});
      resolve();
    });
  });
  const streams = net.createServer((socket) => answerStream(socket, hasIpv6));
  await new Promise<void>((resolve, reject) => {
    streams.once('error', reject);
    streams.listen(port, address, () => {
      streams.off('error', reject);
      streams.on('error', () => {});
      resolve();
    });
  });
}

/** Over TCP each message follows its length (RFC 1035 section 4.2.2). */
function answerStream(socket: net.Socket, hasIpv6: boolean): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (; pending.length >= 2;) {
      const length = pending.readUInt16BE(0);
      if (length > MAX_QUESTION) return void socket.destroy();
      if (pending.length < 2 + length) return;
      const answer = answerQuestion(pending.subarray(2, 2 + length), hasIpv6);
      pending = pending.subarray(2 + length);
      if (answer === null) return void socket.destroy();
      const head = Buffer.alloc(2);
      head.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([head, answer]));
    }
  });
}
