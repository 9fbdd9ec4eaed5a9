// `parallel` and `pipeline`.
(engine) => {
  const { globals } = engine;

  const list = (site, name, items) => {
    if (!Array.isArray(items)) {
      throw engine.error(site, `${name}() takes a list, and got ${engine.kind(items)}`, TypeError);
    }
    const most = engine.task.limits.items;
    if (items.length > most) {
      throw engine.error(site, `limit: ${name}() takes at most ${most} items, and got ${items.length}`, RangeError);
    }
    return [...items];
  };

  const functions = (site, name, what, values) => {
    values.forEach((value, index) => {
      if (typeof value === 'function') return;
      const remedy = value instanceof Promise ? '; wrap it, as in `() => agent(…)`, so that it starts when its turn comes' : '';
      throw engine.error(site, `${name}() takes functions, and ${what} ${index} is ${engine.kind(value)}${remedy}`, TypeError);
    });
  };

  const becameNull = (name, index, error) => engine.notice(`${name}: item ${index} became null: ${engine.brief(error)}`);

  // A barrier that never rejects for what its functions do.
  globals.parallel = async function parallel(thunks) {
    const site = new Error();
    const calls = list(site, 'parallel', thunks);
    functions(site, 'parallel', 'item', calls);
    const guarded = async (thunk, index) => {
      try {
        return await thunk();
      } catch (error) {
        becameNull('parallel', index, error);
        return null;
      }
    };
    return Promise.all(calls.map(guarded));
  };

  // Each item walks through the stages by itself. `null` from a stage ends its walk.
  globals.pipeline = async function pipeline(items, ...stages) {
    const site = new Error();
    const all = list(site, 'pipeline', items);
    functions(site, 'pipeline', 'stage', stages);
    const walk = async (item, index) => {
      let value = item;
      for (const [number, stage] of stages.entries()) {
        try {
          value = await stage(value, item, index);
        } catch (error) {
          becameNull('pipeline', index, error);
          return null;
        }
        if (value === null) {
          if (number + 1 < stages.length) engine.notice(`pipeline: item ${index} ends at stage ${number}, which gave null`);
          return null;
        }
      }
      return value;
    };
    return Promise.all(all.map(walk));
  };
}
