/* Comments may stand before `meta`,
   over several lines. */
// And so.

export const meta = {
  name: "meta-" + 'forms',
  description: 'A literal of ' + "several pieces, " +
    "in two quotes",
  'whenToUse': 'never',
  phases: [
    { title: 'One', detail: 'the first' },
    { title: 'Two', model: 'haiku', },
  ],
};

phase('One')
log(meta.name, meta.phases.length)
phase('Two')
return `${meta.name}: ${meta.description}`
