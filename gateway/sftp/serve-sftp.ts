import type { ServerChannel } from 'ssh2';
import type { ServedChannel } from '../session/served-channel.ts';
import { answer } from './handlers.ts';
import { type Context, Handles } from './handles.ts';
import { InFlight } from './request-lanes.ts';
import { Outbox } from './reply-writer.ts';
import { abandonHandles } from './transfer-handlers.ts';
import { PacketFramer, ProtocolError } from '../protocol/packet-framer.ts';
import { encodeReply, encodeVersion } from '../protocol/replies.ts';
import { EXTENSIONS, isInit, parseRequest, type SftpRequest } from '../protocol/requests.ts';

/**
 * Speaks SFTP on one channel until the partner ends it or `signal` does.
 *
 * Requests on one handle are answered in the order they came, and so are all requests on paths; apart
 * from that they run side by side, so that a slow CLOSE of one file does not hold up the next one.
 *
 * Reading pauses while too much is unanswered, or the partner does not take the replies. The SSH window
 * then closes by itself, which bounds what a channel holds in memory.
 *
 * Whatever is still open at the end is abandoned: uploads that were not closed leave nothing behind.
 */
export async function serveSftp(served: ServedChannel): Promise<void> {
  const { channel, hungUp, socket, signal, onActivity, isAlone } = served;
  const context: Context = { ...served.context, handles: new Handles() };
  const outbox = new Outbox(channel, socket, AbortSignal.any([hungUp, signal]));
  const inFlight = new InFlight(signal);
  const abandon = () => abandonHandles(context, new Error('the connection ended'));
  const stop = () => void abandon();
  signal.addEventListener('abort', stop);

  // The SSH window lets 2 MiB more come. Where no other channel needs the connection meanwhile, they may
  // as well wait in the kernel.
  const waitForRoom = async (): Promise<void> => {
    const isHeld = isAlone();
    if (isHeld) socket.pause();
    await inFlight.room();
    if (isHeld) socket.resume();
  };

  const serve = (request: SftpRequest): void => {
    inFlight.run(laneOf(request), costBytes(request), async () => {
      outbox.send(encodeReply(request.id, await answer(context, request)));
    });
  };

  try {
    for await (const request of requests(channel, outbox)) {
      await outbox.room();
      if (inFlight.isFull) await waitForRoom();
      if (signal.aborted) break;
      onActivity();
      serve(request);
    }
  } catch (error) {
    if (!signal.aborted) context.log('channel failed', { error });
  } finally {
    await inFlight.done();
    await abandon();
    signal.removeEventListener('abort', stop);
    outbox.end();
  }
}

/** The requests of a channel; answers the greeting on the way. */
async function* requests(channel: ServerChannel, outbox: Outbox): AsyncGenerator<SftpRequest> {
  const framer = new PacketFramer();
  let isGreeted = false;
  for await (const chunk of channel) {
    if (!Buffer.isBuffer(chunk)) continue;
    for (const packet of framer.push(chunk)) {
      if (isGreeted !== !isInit(packet)) {
        throw new ProtocolError('INIT must come first, and once');
      }
      if (isGreeted) {
        yield parseRequest(packet);
      } else {
        isGreeted = true;
        const advertised = Object.entries(EXTENSIONS);
        outbox.send(encodeVersion(advertised.map(([name, { version }]) => [name, version])));
      }
    }
  }
}

/** Requests in one lane are answered one after the other. */
function laneOf(request: SftpRequest): string {
  return 'handle' in request ? request.handle : 'paths';
}

/** What a request or its reply holds in memory. */
function costBytes(request: SftpRequest): number {
  if (request.name === 'write') return request.data.length;
  return request.name === 'read' ? request.lengthBytes : 0;
}
