import type { Client } from './client.ts';
import { LFTP } from './lftp.ts';
import { SCP, SCP_OLD, SFTP } from './openssh.ts';
import { PARAMIKO } from './paramiko.ts';
import { RCLONE } from './rclone.ts';

export const CLIENTS: readonly Client[] = [SFTP, SCP, SCP_OLD, LFTP, RCLONE, PARAMIKO];
