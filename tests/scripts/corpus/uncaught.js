export const meta = { name: 'uncaught', description: 'An error with a stack in the script\'s own lines' }
function inner(value) {
  return value.missing.field
}
async function outer() {
  const text = await agent('one')
  return inner({ text })
}
return await outer()
