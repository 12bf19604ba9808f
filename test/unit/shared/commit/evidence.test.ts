import { expect, test } from 'vitest';
import {
  evidenceMetadata,
  isEvidenceOf,
  readEvidence,
} from '../../../../shared/commit/evidence.ts';
import { anObject } from '../../../support/builders.ts';

const evidence = {
  verdict: 'infected',
  finding: 'Eicar-Test-Signature',
  sha256: 'ab',
  engine: 'ClamAV 1.4.6',
  scannedAt: 0,
} as const;

test('evidence is read back as it was written, apart from what the sender gave the file', () => {
  const object = anObject({
    metadata: { 'user-agent-id': 'acme@s-1', 'airlock-verdict': 'clean' },
  });
  const metadata = evidenceMetadata(object, evidence);
  expect(readEvidence(metadata)).toEqual({
    verdict: 'infected',
    finding: 'Eicar-Test-Signature',
    sha256: 'ab',
    engine: 'ClamAV 1.4.6',
    uploadedAt: new Date(object.uploadedAt).toISOString(),
    sendersMetadata: { 'user-agent-id': 'acme@s-1' },
  });
  expect(isEvidenceOf(object, metadata)).toBe(true);
  expect(isEvidenceOf(anObject({ versionId: 'v2' }), metadata)).toBe(false);
});

test("evidence takes precedence over the sender's metadata where S3 has no room for both", () => {
  const metadata = evidenceMetadata(anObject({ metadata: { long: 'x'.repeat(2000) } }), evidence);
  expect(readEvidence(metadata)).toMatchObject({ verdict: 'infected', sendersMetadata: {} });
});

test('what is missing is unknown', () => {
  expect(readEvidence({})).toMatchObject({ verdict: 'unknown', uploadedAt: undefined });
});
