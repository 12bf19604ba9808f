// Must come first: see native-ciphers.ts.
// oxlint-disable-next-line import/no-unassigned-import
import './native-ciphers.ts';
import ssh2 from 'ssh2';

export default ssh2;
