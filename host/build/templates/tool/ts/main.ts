import { tool } from 'lazaret'

export default tool({
  count: {
    description: 'Counts the words and the letters of a text',
    schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    call: ({ text }: { text: string }) => ({
      words: text.split(/\s+/u).filter((word) => word !== '').length,
      letters: [...text].length,
    }),
  },
})
