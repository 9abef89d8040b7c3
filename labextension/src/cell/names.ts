/** The names in a cell that its magic line may mention. */
import { declarations, magicLength } from './declarations';
import { betweenCommas, closingIndex, statements, type Statement } from './python';

/** Arguments of report() that are no metrics. */
const NO_METRICS: ReadonlySet<string> = new Set(['step', 'fold']);

export function parameterNames(text: string): string[] {
  return unique(declarations(text).map(({ name }) => name));
}

/** The metrics named in the cell's `report(…)`; in a cell without one, its variables, of which one is the result. */
export function metricNames(text: string): string[] {
  const lines = statements(text, magicLength(text) ?? 0);
  const reported = lines.flatMap(reportedIn);
  if (reported.length > 0) return unique(reported);
  const parameters = new Set(parameterNames(text));
  const assigned = lines.flatMap(([name, sign]) => (name?.kind === 'name' && sign?.text === '=' ? [name.text] : []));
  return unique(assigned.filter(name => !parameters.has(name)));
}

function reportedIn(statement: Statement): string[] {
  return statement.flatMap((token, at) => {
    const opening = at + 1;
    const isCall = token.text === 'report' && statement[opening]?.text === '(' && statement[at - 1]?.text !== 'def';
    if (!isCall) return [];
    const closing = closingIndex(statement, opening);
    const inside = statement.slice(opening + 1, closing < 0 ? undefined : closing);
    return betweenCommas(inside).flatMap(([name, sign]) =>
      name?.kind === 'name' && sign?.text === '=' && !NO_METRICS.has(name.text) ? [name.text] : []
    );
  });
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
