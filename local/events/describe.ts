import type { Rule } from './rules.ts';
import type { Target } from './target.ts';

/** A rule as `DescribeRule` and `ListRules` return it. */
export function describeRule(rule: Rule) {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.patternText,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
    EventBusName: 'default',
    ...(rule.description !== undefined && { Description: rule.description }),
  };
}

/** A target as `ListTargetsByRule` returns it. */
export function describeTarget(target: Target) {
  return {
    Id: target.id,
    Arn: target.arn,
    ...(target.input !== undefined && { Input: target.input }),
    ...(target.inputPath !== undefined && { InputPath: target.inputPath }),
    ...(target.deadLetterArn !== undefined && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(target.maximumRetryAttempts !== undefined && {
      RetryPolicy: { MaximumRetryAttempts: target.maximumRetryAttempts },
    }),
  };
}
