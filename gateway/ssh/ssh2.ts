// First: see there.
// oxlint-disable-next-line import/no-unassigned-import
import './native-ciphers.ts';
import ssh2 from 'ssh2';

export default ssh2;
