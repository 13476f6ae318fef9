/** A length-delimited field of a message: a text, bytes or another message. */
export interface ProtobufField {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Bytes are no message in the Protocol Buffers wire format. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/**
 * Encodes texts as the fields of a message, in order.
 *
 * @see {@link https://protobuf.dev/programming-guides/encoding/ | Protocol Buffers, encoding}
 */
export function encodeTextFields(fields: readonly (readonly [number: number, text: string])[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, text]) => {
      const bytes = Buffer.from(text, 'utf8');
      return [encodeVarint(number * 8 + LENGTH_DELIMITED), encodeVarint(bytes.length), bytes];
    }),
  );
}

/**
 * Reads the length-delimited fields of a message, in order, and skips those of other types.
 *
 * @throws ProtobufError for a message that is cut off, or of types that no message has any more
 */
export function readFields(message: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let at = 0;
  const skip = (count: number): Uint8Array => {
    if (count > message.length - at) throw new ProtobufError('cut off');
    at += count;
    return message.subarray(at - count, at);
  };
  const readVarint = (): number => {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const byte = skip(1)[0] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('a number of more than 64 bits');
  };
  while (at < message.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufError('a field without a number');
    const type = tag % 8;
    if (type === LENGTH_DELIMITED) fields.push({ number, bytes: skip(readVarint()) });
    else if (type === VARINT) readVarint();
    else if (type === FIXED_64) skip(8);
    else if (type === FIXED_32) skip(4);
    else throw new ProtobufError('a field of an unknown type');
  }
  return fields;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.from([...bytes, rest]);
}
