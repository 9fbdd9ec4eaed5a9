// `agent` and `budget`.
(engine) => {
  const { host, globals } = engine;
  const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];
  const OPTIONS = new Set([
    'label', 'phase', 'schema', 'model', 'effort', 'isolation', 'agentType', 'tools', 'timeout', 'plugin',
  ]);
  // Called and not yet answered, by number: what is left at the end was abandoned.
  const running = new Map();
  let started = 0;
  let spent = 0;

  const text = (value) => (value === undefined || value === null ? '' : engine.plain(String(value)));

  const checkBudget = (site) => {
    const { total } = engine.task.budget;
    if (total !== null && spent >= total) {
      throw engine.error(site, `budget: the token budget is spent (${spent} of ${total} output tokens)`);
    }
  };

  const schemaJson = (site, schema) => {
    if (schema === undefined || schema === null) return undefined;
    const json = engine.json(schema);
    const contradiction = json === undefined ? 'a schema is an object' : host.contradiction(json);
    if (contradiction) throw engine.error(site, `schema: ${contradiction}`);
    return json;
  };

  const warnOptions = (opts) => {
    for (const name of Object.keys(opts)) {
      if (!OPTIONS.has(name)) engine.notice(`agent() has no option \`${name}\`; it is ignored`);
    }
    if (opts.effort !== undefined && opts.effort !== null && !EFFORTS.includes(opts.effort)) {
      engine.notice(`agent() knows no effort ${engine.show(opts.effort)}; it is ignored (known: ${EFFORTS.join(', ')})`);
    }
  };

  // The options that the host reads, in one order, without those that are not set.
  const hostOptions = (site, opts, schema) => {
    if (opts.isolation && opts.isolation !== 'worktree') {
      throw engine.error(site, `isolation: ${engine.show(opts.isolation)} is unknown; there is only 'worktree'`, TypeError);
    }
    const given = {
      model: opts.model ?? undefined,
      effort: EFFORTS.includes(opts.effort) ? opts.effort : undefined,
      schema: schema && engine.parse(schema),
      isolation: opts.isolation || undefined,
      tools: opts.tools ?? undefined,
      timeout_ms: opts.timeout ?? undefined,
      plugin: opts.plugin ?? undefined,
    };
    return engine.literal(site, 'an option', engine.json(given));
  };

  const promptText = (site, prompt) => {
    if (prompt === undefined || prompt === null || prompt === '') {
      throw engine.error(site, `agent() needs a prompt, and got ${engine.show(prompt) || 'an empty text'}`, TypeError);
    }
    if (typeof prompt === 'object' && !engine.isOpaque(prompt)) {
      engine.notice(`agent() got ${engine.kind(prompt)} as its prompt; JSON.stringify() may be meant (${host.place(site.stack)})`);
    }
    return engine.pieces(site, String(prompt));
  };

  const countAgent = (site) => {
    const { agents } = engine.task.limits;
    if (started >= agents) {
      throw engine.error(site, `limit: a run has at most ${agents} agents`);
    }
    started += 1;
    return started;
  };

  globals.agent = async function agent(prompt, opts) {
    const site = new Error();
    checkBudget(site);
    const given = typeof opts === 'object' && opts !== null ? opts : {};
    const pieces = promptText(site, prompt);
    const schema = schemaJson(site, given.schema);
    const options = hostOptions(site, given, schema);
    const profile = engine.literal(site, '`agentType`', given.agentType ? String(given.agentType) : '');
    warnOptions(given);
    const number = countAgent(site);
    const name = text(given.label);
    const call = { site, schema, name: name || `agent ${number}`, read: schema ? engine.parse : (answer) => answer };
    running.set(number, call.name);
    const reply = await engine.ask({ spawn: { profile, name, phase: text(given.phase), text: pieces, options } });
    running.delete(number);
    return engine.outcome(reply, call);
  };

  engine.setup(({ budget }) => {
    const { total } = budget;
    spent = budget.spent;
    globals.budget = Object.freeze({
      total,
      spent: () => spent,
      remaining: () => (total === null ? Infinity : Math.max(0, total - spent)),
    });
  });

  engine.setSpent = (tokens) => {
    spent = tokens;
  };

  engine.abandoned = () => [...running.values()];
}
