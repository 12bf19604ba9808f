import type { SQLOutputValue } from 'node:sqlite';
import * as v from 'valibot';
import type { Pairs } from '../protocol/pairs.ts';

export type Row = Record<string, SQLOutputValue>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds no text`);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`column ${column} holds no integer`);
  return value;
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

const PairsColumn = v.array(v.tuple([v.string(), v.string()]));

export function pairs(row: Row, column: string): Pairs {
  return v.parse(PairsColumn, JSON.parse(text(row, column)));
}
