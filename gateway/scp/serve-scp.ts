import type { ServedChannel } from '../session/served-channel.ts';
import { SftpFailure } from '../protocol/status.ts';
import { ScpProtocolError } from './byte-reader.ts';
import type { ScpCommand } from './command.ts';
import { ScpPeer } from './peer.ts';
import { receiveFiles } from './sink.ts';
import { sendFiles } from './source.ts';

/**
 * Serves one `scp` command on a channel, with the same uploads and downloads as SFTP: back-pressure,
 * memory budget, checksums and audit. A copy that ends early leaves no objects or parts.
 */
export async function serveScp(served: ServedChannel, command: ScpCommand): Promise<void> {
  const { channel, hungUp, signal, context, onActivity } = served;
  const gone = AbortSignal.any([hungUp, signal]);
  const peer = new ScpPeer(channel, gone, onActivity);
  try {
    await (command.mode === 'sink'
      ? receiveFiles(context, peer, command)
      : sendFiles(context, peer, command));
    peer.end(peer.hasWarned ? 1 : 0);
  } catch (error) {
    if (gone.aborted) return;
    const isForClient = error instanceof ScpProtocolError || error instanceof SftpFailure;
    context.log('scp failed', { error });
    if (isForClient) await peer.warn(error.message).catch(() => {});
    peer.end(1);
  }
}
