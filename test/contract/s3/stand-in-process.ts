/** A stand-in in a separate process that can be killed; `fork` it with the directory as argument. */
import { startS3 } from '../../../local/s3/server.ts';

const [, , root = ''] = process.argv;
const s3 = await startS3({ root, region: 'eu-central-1', accountId: '000000000000', emit() {} });
s3.ensureBucket('crash', { versioned: false, eventBridge: false });
process.on('disconnect', () => process.exit());
process.send?.(s3.endpoint);
