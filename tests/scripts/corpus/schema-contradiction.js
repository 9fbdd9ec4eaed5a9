export const meta = { name: 'schema-contradiction', description: 'Contradictory schemas throw before an agent starts' }
const SCHEMAS = {
  empty: { type: 'object', properties: { a: { enum: [] } } },
  range: { type: 'object', properties: { a: { type: 'integer', minimum: 5, maximum: 1 } } },
  items: { type: 'object', properties: { a: { type: 'array', minItems: 3, maxItems: 2 } } },
  closed: { type: 'object', properties: { a: {} }, required: ['b'], additionalProperties: false },
  fine: { type: 'object', properties: { a: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'string' } } }, required: ['a'] },
}
const seen = {}
for (const [name, schema] of Object.entries(SCHEMAS)) {
  try {
    seen[name] = await agent(`try ${name}`, { schema })
  } catch {
    seen[name] = 'threw'
  }
}
return seen
