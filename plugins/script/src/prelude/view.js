// Shows an opaque script what the schema of an answer allows it to see.
//
// Rust plans from the schema alone (view.rs); here the plan becomes requests, all of one level in
// one turn.
(engine) => {
  const { host } = engine;
  const RULE = 'script';
  const REFUSED = Symbol('refused');

  const project = async (handle, name, call) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return engine.expect(await engine.ask({ project: { content: handle, pointer } }), 'content', call.site);
  };

  // A gate without a rule, or without bits left, leaves the value a handle.
  const gate = async (handle, schema, path, call) => {
    const reply = await engine.ask({ gate: { content: handle, schema: engine.stringify(schema), rule: RULE } });
    if (reply.kind === 'denied') {
      const { rule, remedy } = engine.parse(reply.payload);
      engine.notice(`the closed fields of ${path} stay opaque: the gate was refused by \`${rule}\`${remedy ? `; ${remedy}` : ''}`);
      return REFUSED;
    }
    return reply.kind === 'invalid' ? undefined : engine.parse(engine.expect(reply, 'value', call.site));
  };

  const record = async ({ gate: type, fields }, handle, path, call) => {
    const gated = type && gate(handle, type, path, call);
    const field = async ({ name, view }) => {
      const inside = `${path}.${name}`;
      if (view) return show(view, await project(handle, name, call), inside, call);
      const closed = await gated;
      if (closed === REFUSED) return engine.opaque(await project(handle, name, call), inside, true);
      return closed?.[name];
    };
    const values = await Promise.all(fields.map(field));
    const shown = fields.map(({ name }, index) => [name, values[index]]);
    return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
  };

  const list = async ({ max, item }, handle, path, call) => {
    const reply = await engine.ask({ split: { content: handle, max } });
    // What is missing, or no list, has no items.
    const handles = reply.kind === 'contents' ? engine.parse(reply.payload) : [];
    return Promise.all(handles.map((each, index) => show(item, each, `${path}[${index}]`, call)));
  };

  const show = async (view, handle, path, call) => {
    switch (view.kind) {
      case 'record':
        return record(view, handle, path, call);
      case 'list':
        return list(view, handle, path, call);
      case 'closed': {
        const value = await gate(handle, view.schema, path, call);
        return value === REFUSED ? engine.opaque(handle, path, true) : value;
      }
      default:
        return engine.opaque(handle, path, true);
    }
  };

  engine.view = async (handle, call) => {
    if (!call.schema) return engine.opaque(handle, call.name, call.json === true);
    return show(engine.parse(host.view(call.schema, engine.task.limits.list)), handle, call.name, call);
  };
}
