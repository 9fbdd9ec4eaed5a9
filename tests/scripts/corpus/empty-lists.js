export const meta = { name: 'empty-lists', description: 'Nothing to do' }
return [await parallel([]), await pipeline([], (x) => agent(x)), await pipeline([1, 2]), await Promise.all([])]
