/** Strips types exactly as `node` does, so that tests run the text that production runs. */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');

const ownText = readFileSync(require.resolve('./jest-transform.cjs'));

/**
 * In jest's context every look at a global goes through an interceptor: `Math.imul` in a hot loop takes several times as long as it
 * does outside. A module that names one of these takes it once, on its first line, so that line numbers stay.
 */
const globals = ['Array', 'BigInt', 'Buffer', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Set', 'String', 'Uint8Array'];

function taken(code) {
  const used = globals.filter(
    (name) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`(?:const|let|class|function|import)[^;=(]*\\b${name}\\b`).test(code),
  );
  return used.length === 0 ? '' : `const { ${used.join(', ')} } = globalThis; `;
}

module.exports = {
  getCacheKey: (source, path) =>
    createHash('sha256').update(process.version).update(ownText).update(path).update(source).digest('hex'),
  process: (source) => {
    const code = stripTypeScriptTypes(source, { mode: 'strip' });
    return { code: `${taken(code)}${code}` };
  },
};
