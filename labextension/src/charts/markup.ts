/**
 * Plotly reads some HTML in every text it draws: <b>, <a href>, <br>, entities. What comes from data (names, errors,
 * choices) is text, so its markup is escaped on its way into a figure, here and nowhere else.
 */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Strings escaped, other values as they were. */
export function cellAsText(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/[&<>]/g, sign => ENTITIES[sign] ?? sign) : value;
}
