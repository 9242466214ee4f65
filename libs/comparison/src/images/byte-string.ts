import { isUtf8 } from 'node:buffer';
import type { ByteString } from './file-record.js';

const ASCII = /^[\0-\x7f]*$/;

export function byteString(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** @returns null when the bytes are not UTF-8 */
export function textOf(bytes: ByteString): string | null {
  if (ASCII.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}

export function byteStringOfText(text: string): ByteString {
  return ASCII.test(text) ? text : Buffer.from(text).toString('latin1');
}

/** For people: one spelling for each path. What is not printable text is written `\xNN`, and a backslash twice. */
export function printable(bytes: ByteString): string {
  const text = textOf(bytes);
  if (text === null) return bytes.replace(/[^ -[\]-~]/g, escapeByte);
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/gu, (character) =>
    byteStringOfText(character).replace(/[^]/g, escapeByte),
  );
}

function escapeByte(byte: string): string {
  return byte === '\\' ? '\\\\' : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
