export const meta = { name: 'recursion-caught', description: 'Deep recursion is an error like any other' }
const down = (n) => 1 + down(n + 1)
const said = []
try { down(0) } catch (error) { said.push(error.name) }
const results = await parallel([() => down(0), () => agent('still here')])
return [...said, ...results]
