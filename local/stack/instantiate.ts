import { StartError } from '../../shared/platform/start-error.ts';
import { evaluateConditions } from './conditions.ts';
import { type Deployment, physicalResources } from './physical.ts';
import type { Scope } from './resolve.ts';
import type { Template } from './template.ts';

type Overrides = Readonly<Record<string, string | number>>;

/**
 * Applies parameters to a template: returns the template with only the resources whose condition is
 * true, and the scope of its intrinsic functions.
 *
 * @throws StartError for a parameter that is unknown or has no value, and for an invalid condition
 */
export function instantiate(
  template: Template,
  deployment: Deployment,
  overrides: Overrides,
): { readonly template: Template; readonly scope: Scope } {
  const parameters = { ...parameterValues(template, overrides), ...pseudoParameters(deployment) };
  const conditions = evaluateConditions(template.Conditions, { parameters, resources: {} });
  const present = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || conditions[Condition],
  );
  const unknown = Object.entries(template.Resources).find(
    ([, { Condition }]) => Condition !== undefined && !(Condition in conditions),
  );
  if (unknown !== undefined) {
    throw new StartError(`The template's ${unknown[0]} has a condition that is not defined.`);
  }
  const instance = { ...template, Resources: Object.fromEntries(present) };
  const resources = physicalResources(instance, deployment);
  return { template: instance, scope: { parameters, resources, conditions } };
}

function parameterValues(template: Template, overrides: Overrides): Scope['parameters'] {
  const unknown = Object.keys(overrides).find((name) => !(name in template.Parameters));
  if (unknown !== undefined) throw new StartError(`The template has no parameter ${unknown}.`);
  return Object.fromEntries(
    Object.entries(template.Parameters).map(([name, { Type, Default }]) => {
      const value = overrides[name] ?? Default;
      if (value === undefined) throw new StartError(`The parameter ${name} has no value.`);
      const isList = Type === 'CommaDelimitedList' || Type.startsWith('List<');
      return [name, isList ? String(value).split(',') : value];
    }),
  );
}

function pseudoParameters({ region, accountId, stackName }: Deployment): Scope['parameters'] {
  return {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::StackName': stackName,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };
}
