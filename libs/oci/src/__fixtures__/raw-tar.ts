/** Tar headers written byte by byte, for tars that no honest writer makes. Numbers go in as the text or bytes of their field. */
export interface RawHeader {
  readonly name?: string | Uint8Array;
  readonly mode?: string;
  readonly uid?: string | Uint8Array;
  readonly size?: string | number | Uint8Array;
  readonly mtime?: string | Uint8Array;
  readonly checksum?: string;
  readonly typeflag?: string;
  readonly linkname?: string;
  readonly magic?: string;
  readonly prefix?: string;
  readonly trailer?: string;
}

export function rawHeader(header: RawHeader): Buffer {
  const block = Buffer.alloc(512);
  const size = header.size ?? 0;
  const put = (value: string | Uint8Array, offset: number) => block.set(Buffer.from(value as string), offset);
  put(header.name ?? 'file', 0);
  put(header.mode ?? '0000644', 100);
  put(header.uid ?? '0000000', 108);
  put('0000000', 116);
  put(typeof size === 'number' ? size.toString(8).padStart(11, '0') : size, 124);
  put(header.mtime ?? '00000000000', 136);
  put('        ', 148);
  put(header.typeflag ?? '0', 156);
  put(header.linkname ?? '', 157);
  put(header.magic ?? 'ustar\0' + '00', 257);
  put(header.prefix ?? '', 345);
  put(header.trailer ?? '', 508);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(header.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A header, a body, and the zeros that fill its last block. */
export function rawMember(header: RawHeader, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body as string);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([rawHeader({ size: bytes.length, ...header }), bytes, padding]);
}

export const END = Buffer.alloc(1024);

export function paxRecord(key: string, value: string | Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
  const length = [1, 2, 3, 4, 5, 6, 7].map((digits) => body.length + digits).find((all) => String(all).length + body.length === all);
  return Buffer.concat([Buffer.from(String(length)), body]);
}

/** The bytes as a stream in pieces of `chunkSize`, the way a socket may deliver them. */
export async function* inChunks(bytes: Uint8Array, chunkSize = 700): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < bytes.length; offset += chunkSize) yield bytes.subarray(offset, offset + chunkSize);
}

export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
