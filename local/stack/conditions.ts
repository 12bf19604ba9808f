import { StartError } from '../../shared/platform/start-error.ts';
import { resolve, type Scope, unknownCondition } from './resolve.ts';

/**
 * Evaluates a template's `Conditions`, which may refer to parameters and to each other.
 *
 * @throws StartError for a circular condition, or a reference to something unknown
 */
export function evaluateConditions(
  conditions: Readonly<Record<string, unknown>>,
  scope: Omit<Scope, 'conditions'>,
): Readonly<Record<string, boolean>> {
  const values: Record<string, boolean> = {};
  const visited = new Set<string>();

  const evaluate = (name: string, where: string): boolean => {
    const known = values[name];
    if (known !== undefined) return known;
    const condition = conditions[name];
    if (condition === undefined) throw unknownCondition(name, where);
    if (visited.has(name))
      throw new StartError(`The template's condition ${name} refers to itself.`);
    visited.add(name);
    return (values[name] = evaluateFunction(condition, `Conditions.${name}`));
  };

  const evaluateFunction = (condition: unknown, where: string): boolean => {
    const [[name, operand] = ['', undefined], more] = Object.entries(Object(condition));
    if (more !== undefined) throw new StartError(`${where} must be one condition function.`);
    switch (name) {
      case 'Condition':
        return evaluate(String(operand), where);
      case 'Fn::Equals': {
        const [left, right] = list(operand, where).map((side) =>
          String(resolve(side, { ...scope, conditions: values }, where)),
        );
        return left === right;
      }
      case 'Fn::Not':
        return list(operand, where).every((item) => !evaluateFunction(item, where));
      case 'Fn::And':
        return list(operand, where).every((item) => evaluateFunction(item, where));
      case 'Fn::Or':
        return list(operand, where).some((item) => evaluateFunction(item, where));
      default:
        throw new StartError(`${where} uses ${name}, which the local runtime does not support.`);
    }
  };

  for (const name of Object.keys(conditions)) evaluate(name, 'Conditions');
  return values;
}

function list(operand: unknown, where: string): readonly unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new StartError(`${where} needs a list.`);
}
