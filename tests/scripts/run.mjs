// Runs every script of the corpus on Node and compares with what the engine did (`NAME.json`).
// What only the engine does is left out: its own notices, and errors' wording. Opaque scripts
// have no counterpart on Node.
//
//     node tests/scripts/run.mjs [NAME…]

import { readFileSync, readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import { run } from './reference.mjs';

const corpus = new URL('./corpus/', import.meta.url);
const read = (name) => readFileSync(new URL(name, corpus), 'utf8');

// A rejection that a script leaves alone is the script's affair.
process.on('unhandledRejection', () => {});

const comparable = ({ requests, log, end }) => ({
  requests,
  log: log.filter((line) => line?.notice === undefined),
  end: 'error' in end ? 'error' : end,
});

const wanted = process.argv.slice(2);
const names = readdirSync(corpus)
  .filter((name) => name.endsWith('.js'))
  .map((name) => name.slice(0, -'.js'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

let compared = 0;
const different = [];
for (const name of names) {
  const { scenario, expected } = JSON.parse(read(`${name}.json`));
  if (scenario.mode === 'opaque') continue;
  const found = comparable(await run(read(`${name}.js`), scenario).catch((error) => ({ requests: [], log: [], end: { error } })));
  compared += 1;
  if (!isDeepStrictEqual(found, comparable(expected))) different.push({ name, found, expected: comparable(expected) });
}

for (const each of different) console.error(JSON.stringify(each, null, 1));
console.log(`${compared - different.length} of ${compared} scripts make the same requests on Node`);
process.exitCode = different.length ? 1 : 0;
