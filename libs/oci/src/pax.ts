/**
 * PAX extended header records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record. Values stay bytes: capabilities
 * and other extended attributes are binary, and decoding them as text destroys them.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

export type PaxFault = 'pax-record' | 'pax-records-limit';

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const LENGTH_DIGITS = 8;

/** Values are copies. A repeated key takes its last value, as POSIX says. */
export function parsePax(bytes: Uint8Array, maxRecords: number): PaxRecords | PaxFault {
  const records = new Map<string, Uint8Array>();
  let offset = 0;
  for (let count = 0; offset < bytes.length; count += 1) {
    if (count === maxRecords) return 'pax-records-limit';
    const space = bytes.subarray(offset, offset + LENGTH_DIGITS + 1).indexOf(SPACE);
    const digits = Buffer.from(bytes.subarray(offset, offset + Math.max(space, 0))).toString('latin1');
    if (!/^[1-9][0-9]*$/.test(digits)) return 'pax-record';
    const end = offset + Number(digits);
    const body = bytes.subarray(offset + space + 1, end - 1);
    const equals = body.indexOf(EQUALS);
    if (end > bytes.length || bytes[end - 1] !== NEWLINE || equals < 1) return 'pax-record';
    records.set(Buffer.from(body.subarray(0, equals)).toString('utf8'), new Uint8Array(body.subarray(equals + 1)));
    offset = end;
  }
  return records;
}

export function encodePax(records: PaxRecords): Uint8Array {
  return Buffer.concat([...records].map(([key, value]) => encodeRecord(key, value)));
}

function encodeRecord(key: string, value: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Uint8Array.of(NEWLINE)]);
  // The length counts its own digits, which may add one digit.
  let length = body.length + String(body.length).length;
  length = body.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}
