import fc from 'fast-check';
import { testSeed } from './seed.ts';

// A failure prints its own seed and path besides.
fc.configureGlobal({ seed: testSeed() });

export default fc;
