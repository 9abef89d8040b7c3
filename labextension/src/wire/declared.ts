/**
 * Parameters stand in the order in which they were declared, in every view. JSON does not keep it: a widget's state and a
 * notebook's file come with their keys sorted.
 */
import type { Parameter, Params, Status } from './protocol';
import { PARAMETER_PREFIX, type Tables } from './tables';

/** The same tables, in that order; what is in order already keeps its identity. */
export function inDeclaredOrder(tables: Tables, parameters: readonly Parameter[]): Tables {
  const names = parameters.map(({ name }) => name);
  const columns = names.map(name => PARAMETER_PREFIX + name);
  const { landscape } = tables;
  const at = landscape?.at && ordered(landscape.at, names);
  return {
    ...tables,
    status: statusInOrder(tables.status, names),
    trials: ordered(tables.trials, columns),
    landscape: landscape && at && at !== landscape.at ? { ...landscape, at } : landscape
  };
}

function statusInOrder(status: Status, names: readonly string[]): Status {
  const owner = <T extends { readonly params: Params }>(own: T): T => ({ ...own, params: ordered(own.params, names) });
  const { best, leader, queue } = status;
  return {
    ...status,
    best: best && owner(best),
    ...(leader && { leader: owner(leader) }),
    ...(queue && { queue: queue.map(owner) })
  };
}

/** `record` with these keys last, in this order. */
function ordered<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Readonly<Record<string, T>> {
  const places = new Map(keys.map((key, at) => [key, at]));
  const place = (key: string): number => places.get(key) ?? -1;
  const present = Object.keys(record);
  const wanted = [...present].sort((a, b) => place(a) - place(b));
  if (wanted.every((key, at) => key === present[at])) return record;
  return Object.fromEntries(wanted.map(key => [key, record[key] as T]));
}
