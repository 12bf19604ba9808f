import fc from '../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { AwsChunkedDecoder } from '../../../../local/s3/aws-chunked.ts';

/** `body` framed, then cut at will. */
function frame(chunks: readonly Uint8Array[], signature: string, trailer: string): Buffer {
  const parts = chunks
    .filter(({ length }) => length > 0)
    .flatMap((chunk) => [`${chunk.length.toString(16)}${signature}\r\n`, chunk, '\r\n']);
  return Buffer.concat(
    [...parts, `0${signature}\r\n${trailer}\r\n`].map((part) => Buffer.from(part)),
  );
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return [...pieces, bytes.subarray(offset)];
}

test('the payload comes out whole, wherever chunks and network cut it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      fc.array(fc.nat(20)),
      fc.constantFrom('', ';chunk-signature=00ff'),
      (chunks, sizes, signature) => {
        const decoder = new AwsChunkedDecoder();
        const payload = cut(frame(chunks, signature, 'x-a: b \r\n'), sizes).flatMap((piece) => [
          ...decoder.decode(piece),
        ]);
        decoder.end();
        expect(Buffer.concat(payload)).toEqual(Buffer.concat(chunks));
        expect(decoder.trailers).toEqual(new Map([['x-a', 'b']]));
      },
    ),
  );
});

test('a body that ends before its end is incomplete, wherever that is', () => {
  const whole = frame([Buffer.from('12345'), Buffer.from('6789')], '', 'x-a:b\r\n');
  for (let length = 0; length < whole.length; length++) {
    const decoder = new AwsChunkedDecoder();
    for (const _ of decoder.decode(whole.subarray(0, length))) continue;
    expect(() => decoder.end()).toThrow(/terminated unexpectedly/);
  }
});

test('a line without an end does not fill the memory', () => {
  const decoder = new AwsChunkedDecoder();
  const flood = (): void => {
    for (let turn = 0; turn < 100; turn++) {
      for (const _ of decoder.decode(Buffer.alloc(1024, '1'))) continue;
    }
  };
  expect(flood).toThrow(/too long/);
});
