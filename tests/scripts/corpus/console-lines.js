export const meta = { name: 'console-lines', description: 'console goes to the log' }
console.log('plain', 1, true, null)
console.info({ a: [1, 2] })
console.warn('careful')
console.error('bad')
console.debug('detail')
log('twice', 'two')
return await agent('x')
