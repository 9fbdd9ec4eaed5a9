// A second, naive implementation of the script globals on Node, over a host that is made up.
// It shares no code with the engine; where the two differ, one of them is wrong.

const AsyncFunction = (async () => {}).constructor;
const OPTIONS = ['model', 'effort', 'schema', 'isolation', 'tools', 'timeout', 'plugin'];
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];
const THROWN = /^(schema|budget|limit|unknown|isolation|denied|script):/;
const banned = () => { throw new Error('banned'); };

// The host: virtual time, and answers from a scenario.
const makeHost = (scenario) => {
  const due = [];
  const used = new Map();
  const host = { requests: [], log: [], now: 0, tokens: 0 };
  let last = 0;
  const at = (after, act) => due.push({ time: host.now + after, number: (last += 1), act });

  const scripted = (answers, text, name) => {
    const fits = (a) => (!a.on || text.includes(a.on) || name === a.on) && (!a.times || (used.get(a) ?? 0) < a.times);
    const found = (answers ?? []).find(fits) ?? { text: `re: ${text}`, tokens: 10 };
    used.set(found, (used.get(found) ?? 0) + 1);
    return found;
  };

  host.child = (kind, request, text, name) => {
    host.requests.push({ [kind]: request });
    const answer = scripted(kind === 'agent' ? scenario.answers : scenario.workflows, text, name);
    return new Promise((resolve, reject) => {
      if (answer.denied) return setImmediate(() => reject(new Error(`denied: ${answer.denied}`)));
      at(answer.after ?? 1, () => {
        host.tokens += answer.tokens ?? 0;
        const thrown = answer.failed && (kind === 'workflow' || THROWN.test(answer.failed));
        if (thrown) reject(new Error(answer.failed));
        else resolve(structuredClone(answer.json ?? answer.text ?? null));
      });
    });
  };

  host.timer = (ms, act) => {
    host.requests.push({ wait: ms });
    at(ms, act);
    return { clear: ((entry) => () => due.includes(entry) && (due.splice(due.indexOf(entry), 1), host.requests.push('cancel')))(due.at(-1)) };
  };

  // One event at a time, and everything that follows from it before the next.
  host.settle = async (run) => {
    let over = false;
    run.then(() => { over = true; });
    for (;;) {
      for (let i = 0; i < 4; i += 1) await new Promise(setImmediate);
      if (over || !due.length) return;
      const { time, act } = due.sort((a, b) => a.time - b.time || a.number - b.number).shift();
      host.now = time;
      act();
    }
  };
  return host;
};

// The globals of one script.
const makeGlobals = (host, scenario) => {
  const { items = 4096, agents = 1000 } = scenario.limits ?? {};
  const total = scenario.budget?.total ?? null;
  const say = (level) => (...values) => {
    const line = values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v) ?? String(v))).join(' ');
    host.log.push(level ? { [level]: line } : line);
  };
  const must = (holds, error) => { if (!holds) throw error; };
  const list = (value) => {
    must(Array.isArray(value), new TypeError('not a list'));
    return must(value.length <= items, new RangeError('limit')) ?? value;
  };
  const callable = (values) => must(values.every((v) => typeof v === 'function'), new TypeError('wrap it'));
  let started = 0;

  const agent = async (prompt, opts = {}) => {
    must(total === null || host.tokens < total, new Error('budget'));
    must(prompt, new TypeError('no prompt'));
    const schema = opts.schema && JSON.parse(JSON.stringify(opts.schema));
    must(!schema || !contradictory(schema), new Error('schema'));
    must(!opts.isolation || opts.isolation === 'worktree', new TypeError('isolation'));
    must(started++ < agents, new Error('limit'));
    const request = { prompt: String(prompt) };
    for (const name of ['label', 'phase', 'agentType']) if (opts[name]) request[name] = String(opts[name]);
    const given = OPTIONS.filter((name) => opts[name] !== undefined && (name !== 'effort' || EFFORTS.includes(opts.effort)));
    const option = (name) => [name === 'timeout' ? 'timeout_ms' : name, name === 'schema' ? schema : opts[name]];
    if (given.length) request.options = Object.fromEntries(given.map(option));
    return host.child('agent', request, request.prompt, request.label ?? '');
  };

  let args = scenario.args ?? scenario.tainted_args;
  try { args = /^\s*[[{]/.test(args) ? JSON.parse(args) : args; } catch { /* stays a text */ }
  return {
    agent,
    parallel: async (thunks) => {
      callable(list(thunks));
      return Promise.all(thunks.map(async (thunk) => thunk()).map((result) => result.catch(() => null)));
    },
    pipeline: async (all, ...stages) => {
      callable(stages);
      return Promise.all(list(all).map(async (item, index) => {
        let value = item;
        for (const stage of stages) {
          try { value = await stage(value, item, index); } catch { value = null; }
          if (value === null) break;
        }
        return value;
      }));
    },
    workflow: async (ref, input) => {
      must(!scenario.nested, new Error('nested'));
      const target = typeof ref === 'string' ? ref : ref.scriptPath.includes('/') ? ref.scriptPath : `./${ref.scriptPath}`;
      await new Promise(setImmediate); // its arguments become a content first, which takes a turn
      return host.child('workflow', { target, args: JSON.parse(JSON.stringify(input ?? null)) }, target, target);
    },
    phase: (title) => void host.requests.push({ phase: String(title) }),
    log: say(),
    console: { log: say(), info: say(), debug: say('debug'), warn: say('warn'), error: say('error') },
    args,
    budget: { total, spent: () => host.tokens, remaining: () => (total === null ? Infinity : Math.max(0, total - host.tokens)) },
    setTimeout: (act, ms = 0, ...values) => host.timer(ms, () => act(...values)),
    clearTimeout: (timer) => timer?.clear(),
    Math: Object.assign(Object.create(Math), { random: banned }),
    Date: class extends Date {
      constructor(...values) { super(...(values.length ? values : banned())); }
      static now() { banned(); }
    },
  };
};

const contradictory = (schema) => {
  const { type, properties = {}, required = [], additionalProperties, minimum, maximum, minItems, maxItems } = schema;
  return schema.enum?.length === 0 || minimum > maximum || minItems > maxItems
    || (additionalProperties === false && required.some((name) => !(name in properties)))
    || Object.values(properties).some(contradictory) || (schema.items && contradictory(schema.items)) || (type && ![type].flat().length);
};

export const run = async (source, scenario) => {
  const host = makeHost(scenario);
  const globals = makeGlobals(host, scenario);
  const body = source.replace(/^export const meta/m, 'const meta');
  let end;
  const main = new AsyncFunction(...Object.keys(globals), `"use strict";${body}`)(...Object.values(globals));
  await host.settle(main.then(
    (value) => { end = { result: JSON.parse(JSON.stringify(value ?? null)) }; },
    (error) => { end = { error: String(error) }; },
  ));
  return { requests: host.requests, log: host.log, end };
};
