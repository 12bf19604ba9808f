import assert from 'node:assert/strict';

/** The 68-byte EICAR test file, kept encoded so that no scanner objects to this repository. */
export const EICAR = Buffer.from(
  'WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=',
  'base64',
);
assert.equal(EICAR.length, 68); // a lost backslash makes it harmless, and the test a lie
