// Makes one module of entry.js, and prints the interfaces that it still imports.
// Arguments: the directory with node_modules, the working directory, the SDK.
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

// Absolute, for the bundler would take a relative one for a package's name.
const [tools, directory, sdk] = process.argv.slice(2).map((path) => resolve(path))
const { build } = createRequire(join(tools, 'x.js'))('esbuild')

const made = await build({
  entryPoints: [join(directory, 'entry.js')],
  outfile: join(directory, 'bundle.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // The engine does not run promises' jobs between two calls: the SDK's own promises do.
  supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
  alias: { lazaret: join(sdk, 'src/index.ts') },
  external: ['lazaret:*'],
  mainFields: ['module', 'main'],
  keepNames: true,
  metafile: true,
  logLevel: 'silent',
}).catch((error) => {
  for (const one of error.errors ?? []) {
    const at = one.location
    console.error(`${at ? `${at.file}:${at.line}:${at.column + 1}: ` : ''}${one.text}`)
    if (at) console.error(`  ${at.lineText}`)
  }
  if (error.errors === undefined) console.error(error)
  process.exit(1)
})

const [output] = Object.values(made.metafile.outputs)
const imports = new Set(output.imports.filter((one) => one.external).map((one) => one.path))
for (const one of [...imports].sort()) console.log(one)
