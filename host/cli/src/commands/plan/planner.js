export const meta = { name: 'plan', description: 'writes a workflow for a request in plain words' }

const schema = {
  type: 'object',
  properties: {
    fits: { enum: ['one agent', 'quick workflow', 'full workflow'] },
    reason: { type: 'string' },
    script: { type: 'string' },
  },
  required: ['fits', 'reason', 'script'],
}
// Without tools: the planner sees the request, the language, and nothing that strangers wrote.
return await agent(args.prompt, { label: 'planner', schema, tools: [], effort: 'high' })
