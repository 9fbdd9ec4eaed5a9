export const meta = { name: 'schema-zoo', description: 'The words that schemas of real scripts use' }
const ZOO = {
  type: 'object',
  title: 'Zoo',
  description: 'everything at once',
  properties: {
    bare: { enum: ['a', 1, null, true] },
    typed: { type: 'string', enum: ['x', 'y'], default: 'x' },
    fixed: { const: 'v1' },
    maybe: { type: ['string', 'null'] },
    text: { type: 'string', minLength: 1, maxLength: 10, pattern: '^[a-z]+$' },
    number: { type: 'number', exclusiveMinimum: 0, maximum: 1, multipleOf: 0.25 },
    list: { type: 'array', minItems: 1, maxItems: 3, uniqueItems: true, items: { type: 'integer' } },
    tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
    nested: { type: 'object', properties: { deep: { type: 'object', properties: {}, additionalProperties: { type: 'boolean' } } } },
  },
  required: ['bare', 'typed'],
  additionalProperties: false,
}
const { bare, typed, nested: { deep = {} } = {}, list: [head] = [] } = await agent('Fill it.', { schema: ZOO })
return { bare, typed, deep, head }
