// Every file is migrated in a worktree of its own.
export const meta = {
  name: 'migrate',
  description: "Moves each module to the new API, " + 'each in its own worktree',
  phases: [{ title: 'Migrate', detail: 'one worktree each' }, { title: 'Check' }],
};
const modules = (args && args.modules) || ['core', 'net', 'ui'];
const DONE = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['done', 'skipped', 'failed'] },
    branch: { type: ['string', 'null'], pattern: '^[a-z/-]+$' },
  },
  required: ['status', 'branch'],
  additionalProperties: false,
};
phase('Migrate');
const outcomes = await pipeline(
  modules,
  (m) => agent(`Migrate module ${m} to API v2 and run its tests.`, {
    label: `migrate:${m}`, isolation: 'worktree', schema: DONE, agentType: 'general-purpose', effort: 'xhigh',
  }),
  (result, m, i) => {
    if (result.status !== 'done') { log(`${i}: ${m} was ${result.status}`); return null; }
    return agent(`Review branch ${result.branch}.`, { label: `check:${m}`, phase: 'Check', agentType: 'Explore' });
  },
  (review, m, i) => ({ m, i, review: review.toUpperCase() }),
);
return Object.fromEntries(outcomes.filter((o) => o).map(({ m, ...rest }) => [m, rest]));
