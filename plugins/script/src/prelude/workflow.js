// `workflow`, and values with opaque parts on their way out.
(engine) => {
  const { host, globals } = engine;

  const target = (site, ref) => {
    if (typeof ref === 'string' && ref) return engine.literal(site, 'the name of a workflow', ref);
    const path = ref?.scriptPath;
    if (typeof path !== 'string' || !path) {
      throw engine.error(site, `workflow() takes a name or { scriptPath }, and got ${engine.show(ref)}`, TypeError);
    }
    // A path is told from a saved name by its slash.
    return engine.literal(site, '`scriptPath`', path.includes('/') ? path : `./${path}`);
  };

  const composedText = async (site, pieces) => engine.expect(await engine.ask({ 'compose-text': pieces }), 'content', site);

  // Makes one content of a JSON text in which placeholders may stand.
  engine.compose = async (site, json) => {
    const { skeleton, leaves, texts } = engine.touches(json)
      ? engine.checked(site, host.dissect(json))
      : { skeleton: json, leaves: [], texts: [] };
    const composed = await Promise.all(
      texts.map(async ({ pointer, pieces }) => ({ pointer, content: await composedText(site, pieces) })),
    );
    const all = [...leaves, ...composed];
    // The whole value is one content: there is nothing to put it into.
    if (all.length === 1 && all[0].pointer === '') return all[0].content;
    return engine.expect(await engine.ask({ 'compose-json': { skeleton, leaves: all } }), 'content', site);
  };

  const jsonOrText = (text) => {
    try {
      return engine.parse(text);
    } catch {
      return text;
    }
  };
  engine.jsonOrText = jsonOrText;

  globals.workflow = async function workflow(ref, args) {
    const site = new Error();
    if (engine.task.nested) {
      throw engine.error(site, 'limit: workflows nest one level deep, and this one was called by another');
    }
    const name = target(site, ref);
    const content = await engine.compose(site, engine.json(args) ?? 'null');
    const reply = await engine.ask({ workflow: { target: name, arguments: content } });
    if (reply.kind === 'outcome-dead') throw engine.error(site, `script: workflow \`${name}\` failed: ${reply.payload}`);
    return engine.outcome(reply, { site, name, read: jsonOrText, json: true });
  };
}
