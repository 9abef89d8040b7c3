// Plotly as a page can start it without standing still: module by module, and only those that our charts need.
//
// Plotly's bundle is one function around some 600 modules, and starting it runs them all in one task. That is slow also
// because the engine reads the whole of that function again to place an error, even one that is caught at once, and
// modules throw some to see what the engine can do. What is made of it here exports the modules, each after those that
// it needs; the last one gives Plotly. The bundler drops the others. Nothing sets window.Plotly, which may be the one
// that another output of the page uses.
// For both bundlers: a function of the source, which is what a loader is.

/** The types of trace in our templates; `scatter` is always there. */
const TRACES = ['bar', 'contour', 'heatmap'];

const NAME = String.raw`([\w$]+)`;
const BUNDLE = new RegExp(String.raw`"use strict";var Plotly=\(\(\)=>\{(.*)return ${NAME}\(\);?\}\)\(\);`, 's');
const WRAPPER = new RegExp(String.raw`var ${NAME}=\(${NAME},${NAME}\)=>\(\)=>\{try\{return \3\|\|\2\(`);
const REGISTERED = /\.register\(\[([^\]]*)\]\)/;

module.exports = source => {
  const [, body, last] = find(BUNDLE, source);
  const [, wrapper] = find(WRAPPER, body);
  const starts = [...body.matchAll(new RegExp(String.raw`${NAME}=${escaped(wrapper)}\((?=\(?[\w$, ]*\)?=>\{)`, 'g'))];
  const texts = new Map(starts.map(({ index, 1: name }, at) => [name, body.slice(index, starts[at + 1]?.index)]));

  const [register, list] = find(REGISTERED, texts.get(last));
  const traces = list.split(',').filter(call => TRACES.includes(traceOf(texts, call.replace('()', ''))));
  if (traces.length !== TRACES.length) throw new Error(`Plotly has not all of these traces: ${TRACES.join(', ')}`);
  texts.set(last, texts.get(last).replace(register, `.register([${traces.join(',')}])`));

  const needed = reached(texts, last);
  const before = body.slice(0, starts[0].index);
  // each is a declaration of its own, which is dropped where nothing names it
  const definitions = [...texts.values()].map(text => text.replace(`=${wrapper}(`, `=/* @__PURE__ */${wrapper}(`));
  const parts = [...texts.keys()].filter(name => needed.has(name));
  return `${before}${definitions.join('')}\nexport default [${parts.join(',')}];`;
};

/** Which trace a listed module is: it passes on another one, which says its name. */
function traceOf(texts, name) {
  const [, passedOn] = find(new RegExp(String.raw`\.exports=${NAME}\(\)`), texts.get(name));
  return /moduleType:"trace",name:"(\w+)"/.exec(texts.get(passedOn))?.[1];
}

/** The modules that are called in `last`, in those, and so on. */
function reached(texts, last) {
  const names = new Set([last]);
  // a set goes on with what is added to it
  for (const name of names)
    for (const [, called] of texts.get(name).matchAll(new RegExp(String.raw`(?<![\w$.])${NAME}\(\)`, 'g')))
      if (texts.has(called)) names.add(called);
  return names;
}

function find(pattern, text) {
  const match = pattern.exec(text);
  if (!match) throw new Error(`Plotly's bundle has changed: plotly_in_parts.cjs finds no ${pattern}`);
  return match;
}

function escaped(name) {
  return name.replaceAll('$', String.raw`\$`);
}
