import { expect, test } from 'vitest';
import { encodeReply, OK } from '../../../../gateway/protocol/replies.ts';
import { field, request } from './packets.ts';

test('a status reply has the shape of version 3', () => {
  const fields = [field('OK'), field('en')];
  expect(encodeReply(7, OK)).toEqual(field(request(101, Buffer.alloc(4), ...fields)));
});
