import { isLeaf, isObject, type Leaf } from './json.ts';

/** Which element (index) of which arrays (id) a value was found in. */
export type Membership = ReadonlyMap<number, number>;

export type EventField = { readonly leaf: Leaf; readonly membership: Membership };

/**
 * An event in Event Ruler's form: leaves by their dotted path. Arrays are not part of the path, only
 * of the membership of what their elements contain. Empty objects and arrays are left out.
 */
export function flattenEvent(event: unknown): ReadonlyMap<string, readonly EventField[]> {
  const fields = new Map<string, EventField[]>();
  let arrayCount = 0;

  const add = (path: readonly string[], leaf: Leaf, membership: Membership): void => {
    const name = path.join('.');
    const known = fields.get(name);
    if (known === undefined) fields.set(name, [{ leaf, membership }]);
    else known.push({ leaf, membership });
  };
  const visit = (value: unknown, path: readonly string[], membership: Membership): void => {
    if (isLeaf(value)) add(path, value, membership);
    else if (Array.isArray(value)) {
      const arrayId = arrayCount++;
      for (const [index, element] of value.entries()) {
        // Leaves in an array are alternatives of one field; only objects and arrays belong to an element.
        if (isLeaf(element)) add(path, element, membership);
        else visit(element, path, new Map([...membership, [arrayId, index]]));
      }
    } else if (isObject(value)) {
      for (const [name, child] of Object.entries(value)) visit(child, [...path, name], membership);
    }
  };

  if (isObject(event)) visit(event, [], new Map());
  return fields;
}

/** Both memberships together, or undefined if they name different elements of one array. */
export function joinMemberships(left: Membership, right: Membership): Membership | undefined {
  for (const [arrayId, index] of right) {
    const other = left.get(arrayId);
    if (other !== undefined && other !== index) return undefined;
  }
  return right.size === 0 ? left : new Map([...left, ...right]);
}
