import { expect, test } from 'vitest';
import {
  type Access,
  sessionPermits,
} from '../../../../../shared/identity/session/session-permits.ts';

const get = (key: string): Access => ({
  action: 's3:GetObject',
  resource: `arn:aws:s3:::b/${key}`,
});
const list = (prefix?: string): Access => ({
  action: 's3:ListBucket',
  resource: 'arn:aws:s3:::b',
  ...(prefix !== undefined && { prefix }),
});

const ALLOW_ALL = { Effect: 'Allow', Action: 's3:*', Resource: '*' };

function permits(statements: readonly object[] | object, name = 'acme') {
  return sessionPermits(JSON.stringify({ Version: '2012-10-17', Statement: statements }), name);
}

test('what is not explicitly allowed is denied', () => {
  const only = permits([{ ...ALLOW_ALL, Resource: 'arn:aws:s3:::b/mine/*' }]);
  expect(only(get('mine/a'))).toBe(true);
  expect(only(get('yours/a'))).toBe(false);
  expect(permits([])(get('a'))).toBe(false);
});

test('a Deny overrides every Allow, in any order', () => {
  const deny = { ...ALLOW_ALL, Effect: 'Deny', Resource: 'arn:aws:s3:::b/secret/*' };
  for (const statements of [
    [ALLOW_ALL, deny],
    [deny, ALLOW_ALL],
  ]) {
    expect(permits(statements)(get('a'))).toBe(true);
    expect(permits(statements)(get('secret/a'))).toBe(false);
  }
});

test('actions match in any case, resources only in their own', () => {
  const policy = permits({
    Effect: 'Allow',
    Action: 'S3:getobject',
    Resource: 'arn:aws:s3:::b/Mine/?',
  });
  expect(policy(get('Mine/a'))).toBe(true);
  expect(policy(get('mine/a'))).toBe(false);
  expect(policy(get('Mine/ab'))).toBe(false);
});

test('the user name is substituted, and never acts as a pattern', () => {
  const own = {
    Effect: 'Allow',
    Action: 's3:*',
    Resource: 'arn:aws:s3:::b/${transfer:UserName}/*',
  };
  expect(permits(own)(get('acme/a'))).toBe(true);
  expect(permits(own)(get('globex/a'))).toBe(false);
  expect(permits(own, '*')(get('globex/a'))).toBe(false);
  expect(permits(own, '$&')(get('globex/a'))).toBe(false);
  const other = { ...own, Resource: 'arn:aws:s3:::b/${aws:username}/*' };
  expect(permits(other)(get('acme/a'))).toBe(false);
});

test('a listing is matched by its prefix, and one without a prefix meets no condition', () => {
  const Condition = { StringLike: { 's3:prefix': ['acme/*'] } };
  const policy = permits({ ...ALLOW_ALL, Condition });
  expect(policy(list('acme/'))).toBe(true);
  expect(policy(list('acme/deep/'))).toBe(true);
  expect(policy(list('acm'))).toBe(false);
  expect(policy(list(''))).toBe(false);
  expect(policy(list())).toBe(false);
});

test('an Allow with an unknown condition never applies, a Deny with one always does', () => {
  const Condition = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
  expect(permits([{ ...ALLOW_ALL, Condition }])(get('a'))).toBe(false);
  expect(permits([ALLOW_ALL, { ...ALLOW_ALL, Effect: 'Deny', Condition }])(get('a'))).toBe(false);
});

test.each(['', 'null', '{}', '[]', '{"Version":"2008-10-17","Statement":[]}', 'not json'])(
  'what is no policy permits nothing: %j',
  (text) => {
    expect(sessionPermits(text, 'acme')(get('a'))).toBe(false);
  },
);

test('a pattern of many stars does not take long', () => {
  const startedAt = performance.now();
  const Resource = `arn:aws:s3:::b/${'*a'.repeat(40)}b`;
  const policy = permits({ ...ALLOW_ALL, Resource });
  expect(policy(get('a'.repeat(1024)))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
