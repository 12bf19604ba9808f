import { StartError } from '../../shared/platform/start-error.ts';
import { resolve, type Scope, unknownCondition } from './resolve.ts';

/**
 * Evaluates a template's `Conditions`, which may speak of parameters and of each other.
 *
 * @throws StartError for a condition that leads back to itself, or uses what is not known
 */
export function evaluateConditions(
  conditions: Readonly<Record<string, unknown>>,
  scope: Omit<Scope, 'conditions'>,
): Readonly<Record<string, boolean>> {
  const values: Record<string, boolean> = {};
  const asked = new Set<string>();

  const named = (name: string, where: string): boolean => {
    const known = values[name];
    if (known !== undefined) return known;
    const condition = conditions[name];
    if (condition === undefined) throw unknownCondition(name, where);
    if (asked.has(name)) throw new StartError(`The template's condition ${name} asks for itself.`);
    asked.add(name);
    return (values[name] = test(condition, `Conditions.${name}`));
  };

  const test = (condition: unknown, where: string): boolean => {
    const [[name, operand] = ['', undefined], more] = Object.entries(Object(condition));
    if (more !== undefined) throw new StartError(`${where} must be one condition function.`);
    switch (name) {
      case 'Condition':
        return named(String(operand), where);
      case 'Fn::Equals': {
        const [left, right] = list(operand, where).map((side) =>
          String(resolve(side, { ...scope, conditions: values }, where)),
        );
        return left === right;
      }
      case 'Fn::Not':
        return list(operand, where).every((one) => !test(one, where));
      case 'Fn::And':
        return list(operand, where).every((one) => test(one, where));
      case 'Fn::Or':
        return list(operand, where).some((one) => test(one, where));
      default:
        throw new StartError(`${where} uses ${name}, which the local runtime does not know.`);
    }
  };

  for (const name of Object.keys(conditions)) named(name, 'Conditions');
  return values;
}

function list(operand: unknown, where: string): readonly unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new StartError(`${where} needs a list.`);
}
