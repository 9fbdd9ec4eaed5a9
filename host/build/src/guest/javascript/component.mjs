// Makes the component of bundle.js and the world in wit/.
// Arguments: the directory with node_modules, the working directory.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [tools, directory] = process.argv.slice(2)
const { componentize } = createRequire(join(tools, 'x.js'))('componentize-qjs')

try {
  const { component } = await componentize({
    witPath: join(directory, 'wit'),
    world: 'guest',
    jsSource: readFileSync(join(directory, 'bundle.js'), 'utf8'),
    sync: true,
    optSize: true,
    stubWasi: true,
  })
  writeFileSync(join(directory, 'component.wasm'), component)
} catch (error) {
  console.error(error.message ?? error)
  process.exit(1)
}
