export const meta = {
  name: 'find-and-verify',
  description: 'Each finding is checked by an agent of its own as soon as it is found',
  phases: [{ title: 'Find' }, { title: 'Verify' }],
}
const FOUND = { type: 'object', properties: { bugs: { type: 'array', items: { type: 'object' } } }, required: ['bugs'] }
const VERDICT = {
  type: 'object',
  properties: { real: { type: 'boolean' }, why: { type: 'string' } },
  required: ['real'],
}
const files = args?.files ?? []
const results = await pipeline(
  files,
  (file) => agent(`Look for bugs in ${file}.`, { label: `find ${file}`, phase: 'Find', schema: FOUND }),
  ({ bugs }, file) =>
    parallel(
      bugs.map((bug, i) => async () => {
        const verdict = await agent(`Is this a real bug in ${file}? ${bug.what}`, {
          label: `verify ${file}#${i + 1}`,
          phase: 'Verify',
          schema: VERDICT,
        })
        return verdict?.real ? { file, ...bug, why: verdict.why ?? 'no reason given' } : null
      }),
    ),
)
const confirmed = results.flat().filter((bug) => bug !== null)
log(`${confirmed.length} confirmed in ${files.length} files`)
return confirmed
