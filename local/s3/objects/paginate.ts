export type PageQuery<Row> = {
  readonly prefix: string;
  /** Empty: no grouping. */
  readonly delimiter: string;
  /** Names up to and including this one were listed already; empty: start at the first. */
  readonly after: string;
  readonly limit: number;
  /** Rows in list order, from a key on. Reopened after each group, to skip the group's keys. */
  readonly open: (fromKey: string) => Iterable<Row>;
  /** Whether a row comes after the marker; needed where several rows have one key. */
  readonly isAfterMarker: (row: Row) => boolean;
};

export type Page<Row> = {
  readonly rows: readonly Row[];
  readonly commonPrefixes: readonly string[];
  /** The last row or common prefix of the page, when more follow. */
  readonly next: { readonly name: string; readonly row: Row | undefined } | undefined;
};

/**
 * One page of a list: keys that share a prefix up to the delimiter are grouped into one entry, which counts as one
 * towards the limit. The work grows with the page, not with the keys in its groups.
 */
export function paginate<Row extends { readonly key: string }>(query: PageQuery<Row>): Page<Row> {
  const rows: Row[] = [];
  const commonPrefixes: string[] = [];
  const page = { rows, commonPrefixes };
  let last: Page<Row>['next'];

  let from: string | undefined = larger(query.prefix, query.after);
  while (from !== undefined && query.limit > 0) {
    let skipTo: string | undefined;
    for (const row of query.open(from)) {
      if (!row.key.startsWith(query.prefix)) return { ...page, next: undefined };
      const group = groupOf(row.key, query);
      const isListed =
        group === undefined ? query.isAfterMarker(row) : compareKeys(group, query.after) > 0;
      if (isListed) {
        if (rows.length + commonPrefixes.length === query.limit) return { ...page, next: last };
        if (group === undefined) rows.push(row);
        else commonPrefixes.push(group);
        last = { name: group ?? row.key, row: group === undefined ? row : undefined };
      }
      if (group !== undefined) {
        skipTo = keyAfterPrefix(group);
        break;
      }
    }
    from = skipTo;
  }
  return { ...page, next: undefined };
}

type Grouping = { readonly prefix: string; readonly delimiter: string };

function groupOf(key: string, { prefix, delimiter }: Grouping): string | undefined {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
}

/** S3's order: by UTF-8 bytes. JavaScript's string comparison differs beyond U+FFFF. */
export function compareKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function larger(left: string, right: string): string {
  return compareKeys(left, right) < 0 ? right : left;
}

/** The smallest string after all those that start with `prefix`; undefined when there is none. */
export function keyAfterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    // Surrogates are not characters: U+D7FF is followed by U+E000.
    if (point < 0x10ffff) {
      return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
    }
  }
  return undefined;
}
