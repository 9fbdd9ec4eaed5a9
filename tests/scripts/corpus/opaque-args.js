export const meta = { name: 'opaque-args', description: 'Tainted arguments are opaque as a whole' }
await agent(`Handle: ${args}`)
return typeof args
