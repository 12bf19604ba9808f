import type { ServerChannel } from 'ssh2';
import type { ServedChannel } from '../session/served-channel.ts';
import { answer } from './handlers.ts';
import { type Context, Handles } from './handles.ts';
import { RequestLanes } from './request-lanes.ts';
import { ReplyWriter } from './reply-writer.ts';
import { abandonHandles } from './transfer-handlers.ts';
import { PacketFramer, ProtocolError } from '../protocol/packet-framer.ts';
import { encodeReply, encodeVersion } from '../protocol/replies.ts';
import { EXTENSIONS, isInit, parseRequest, type SftpRequest } from '../protocol/requests.ts';

/**
 * Serves SFTP on one channel until the client ends it or `signal` is aborted.
 *
 * Requests on one handle are answered in the order they arrived, and so are all requests on paths;
 * apart from that they run concurrently, so that a slow CLOSE of one file does not delay the next one.
 *
 * Reading pauses while too many requests are unanswered or the client does not read the replies. The SSH
 * window then closes, which bounds what a channel holds in memory.
 *
 * Handles still open at the end are abandoned: unfinished uploads leave no objects or parts.
 */
export async function serveSftp(served: ServedChannel): Promise<void> {
  const { channel, hungUp, socket, signal, onActivity, isAlone } = served;
  const context: Context = { ...served.context, handles: new Handles() };
  const writer = new ReplyWriter(channel, socket, AbortSignal.any([hungUp, signal]));
  const lanes = new RequestLanes(signal);
  const abandon = () => abandonHandles(context, new Error('the connection ended'));
  const stop = () => void abandon();
  signal.addEventListener('abort', stop);

  // The SSH window admits 2 MiB more. If no other channel uses the connection, pausing the socket keeps
  // them in the kernel.
  const waitForRoom = async (): Promise<void> => {
    const pausesSocket = isAlone();
    if (pausesSocket) socket.pause();
    await lanes.waitForRoom();
    if (pausesSocket) socket.resume();
  };

  const serve = (request: SftpRequest): void => {
    lanes.run(laneOf(request), costBytes(request), async () => {
      writer.send(encodeReply(request.id, await answer(context, request)));
    });
  };

  try {
    for await (const request of requests(channel, writer)) {
      await writer.waitForRoom();
      if (lanes.isFull) await waitForRoom();
      if (signal.aborted) break;
      onActivity();
      serve(request);
    }
  } catch (error) {
    if (!signal.aborted) context.log('channel failed', { error });
  } finally {
    await lanes.done();
    await abandon();
    signal.removeEventListener('abort', stop);
    writer.end();
  }
}

/** The requests of a channel. INIT is answered here. */
async function* requests(channel: ServerChannel, writer: ReplyWriter): AsyncGenerator<SftpRequest> {
  const framer = new PacketFramer();
  let isInitialized = false;
  for await (const chunk of channel) {
    if (!Buffer.isBuffer(chunk)) continue;
    for (const packet of framer.push(chunk)) {
      if (isInitialized !== !isInit(packet)) {
        throw new ProtocolError('INIT must come first, and once');
      }
      if (isInitialized) {
        yield parseRequest(packet);
      } else {
        isInitialized = true;
        const advertised = Object.entries(EXTENSIONS);
        writer.send(encodeVersion(advertised.map(([name, { version }]) => [name, version])));
      }
    }
  }
}

/** Requests in one lane are answered in order. */
function laneOf(request: SftpRequest): string {
  return 'handle' in request ? request.handle : 'paths';
}

/** What a request or its reply holds in memory. */
function costBytes(request: SftpRequest): number {
  if (request.name === 'write') return request.data.length;
  return request.name === 'read' ? request.lengthBytes : 0;
}
