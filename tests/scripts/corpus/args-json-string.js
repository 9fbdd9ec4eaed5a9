export const meta = { name: 'args-json-string', description: 'A whole JSON text arrives parsed' }
const { repo, depth = 2, ...rest } = args
return await agent(`Read ${repo} ${depth} levels deep`, { label: Object.keys(rest).join('+') })
